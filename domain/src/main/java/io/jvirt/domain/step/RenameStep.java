// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives a domain that is off another name; its UUID tells which it is.
 *
 * @param name before
 */
public record RenameStep(String uuid, String name, String newName) implements Step {
    static final String KIND = "rename";

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uuid", uuid);
        p.put("name", name);
        p.put("newName", newName);
        return new StepPlan(KIND, "rename domain '" + name + "' to '" + newName + "'", p);
    }

    static RenameStep read(StepPlan plan) {
        return new RenameStep(
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "newName"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.notFound(
                        "domain '" + name + "' has disappeared", "jvirt list shows what there is");
            }
            domain.rename(newName);
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && domain.name().equals(newName)) {
                domain.rename(name);
            }
        }
    }
}
