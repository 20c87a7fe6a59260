// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import java.util.Map;

/** Gives a domain another definition; undone, the one that it had. */
public final class RedefineStep implements Step {
    static final String KIND = "redefine";

    private final StepDomain domain;
    private final String before;
    private final String after;

    public RedefineStep(StepDomain domain, String before, String after) {
        this.domain = domain;
        this.before = before;
        this.after = after;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = domain.parameters();
        p.put("before", before);
        p.put("after", after);
        return new StepPlan(KIND, "change the definition of domain '" + domain.name() + "'", p);
    }

    static RedefineStep read(StepPlan plan) {
        return new RedefineStep(
                StepDomain.read(plan), Parameters.required(plan, "before"), Parameters.required(plan, "after"));
    }

    @Override
    public void perform(StepContext context) {
        define(context, after);
    }

    @Override
    public void undo(StepContext context) {
        try (Domain there = domain.open(context)) {
            // libvirt may refuse today what it has taken once: what was not changed is not defined again.
            if (there != null && there.inactiveXmlWithSecrets().equals(before)) {
                return;
            }
        }
        define(context, before);
    }

    private void define(StepContext context, String xml) {
        domain.find(context).close();
        domain.host(context).defineDomain(xml, false).close();
    }
}
