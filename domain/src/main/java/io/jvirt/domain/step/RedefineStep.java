// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gives a domain another definition; undone, the one that it had. */
public final class RedefineStep implements Step {
    static final String KIND = "redefine";

    private final String name;
    private final String uuid;
    private final String before;
    private final String after;

    public RedefineStep(String name, String uuid, String before, String after) {
        this.name = name;
        this.uuid = uuid;
        this.before = before;
        this.after = after;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("before", before);
        p.put("after", after);
        return new StepPlan(KIND, "change the definition of domain '" + name + "'", p);
    }

    static RedefineStep read(StepPlan plan) {
        return new RedefineStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "before"),
                Parameters.required(plan, "after"));
    }

    @Override
    public void perform(StepContext context) {
        define(context, after);
    }

    @Override
    public void undo(StepContext context) {
        try (Domain there = context.host().domainWithUuid(uuid)) {
            // libvirt may refuse today what it has taken once: what was not changed is not defined again.
            if (there != null && there.inactiveXmlWithSecrets().equals(before)) {
                return;
            }
        }
        define(context, before);
    }

    private void define(StepContext context, String xml) {
        try (Domain there = context.host().domainWithUuid(uuid)) {
            if (there == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared meanwhile", null);
            }
        }
        context.host().defineDomain(xml, false).close();
    }
}
