// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import java.util.LinkedHashMap;
import java.util.Map;

/** Forces a domain off. */
public final class DestroyStep implements Step {
    static final String KIND = "destroy";

    private final String name;
    private final String uuid;

    public DestroyStep(String name, String uuid) {
        this.name = name;
        this.uuid = uuid;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        return new StepPlan(KIND, "force domain '" + name + "' off", p);
    }

    static DestroyStep read(StepPlan plan) {
        return new DestroyStep(Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && domain.isActive()) {
                domain.destroy();
            }
        }
    }

    /** Nothing: what ran is over, and what is defined stays as it is. */
    @Override
    public void undo(StepContext context) {}
}
