// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import java.util.LinkedHashMap;
import java.util.Map;

/** Has libvirt start a domain with the host. */
public final class AutostartStep implements Step {
    static final String KIND = "autostart";

    private final String name;
    private final String uuid;

    public AutostartStep(String name, String uuid) {
        this.name = name;
        this.uuid = uuid;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        return new StepPlan(KIND, "have domain '" + name + "' start with the host", p);
    }

    static AutostartStep read(StepPlan plan) {
        return new AutostartStep(Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared meanwhile", null);
            }
            domain.setAutostart(true);
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && domain.isPersistent()) {
                domain.setAutostart(false);
            }
        }
    }
}
