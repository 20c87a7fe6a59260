// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.step.StepDomain;
import java.util.Map;

/** Lets the domain start on the target: it has moved, and there is only the way forward. */
public final class UnlockTargetStep implements FinalStep {
    static final String KIND = "unlock-target";

    private final StepDomain domain;
    private final String xml;

    public UnlockTargetStep(StepDomain domain, String xml) {
        this.domain = domain;
        this.xml = xml;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = domain.parameters();
        p.put("xml", xml);
        return new StepPlan(KIND, "unlock domain '" + domain.name() + "' on " + domain.uri(), p);
    }

    static UnlockTargetStep read(StepPlan plan) {
        return new UnlockTargetStep(StepDomain.read(plan), Parameters.required(plan, "xml"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.find(context)) {
            if (DomainLock.isLocked(found.inactiveXml())) {
                domain.host(context).defineDomain(xml, false).close();
            }
        }
    }
}
