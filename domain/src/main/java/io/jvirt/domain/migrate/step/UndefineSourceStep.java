// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.step.StepDomain;

/** Removes the definition from the source, once it can start on the target. Its files stay. */
public final class UndefineSourceStep implements FinalStep {
    static final String KIND = "undefine-source";

    private final StepDomain domain;

    public UndefineSourceStep(String name, String uuid) {
        this(new StepDomain(null, name, uuid));
    }

    private UndefineSourceStep(StepDomain domain) {
        this.domain = domain;
    }

    @Override
    public StepPlan plan() {
        return domain.plan(KIND, "undefine domain '" + domain.name() + "' on this host");
    }

    static UndefineSourceStep read(StepPlan plan) {
        return new UndefineSourceStep(StepDomain.read(plan));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.open(context)) {
            // One that is not locked has come back since, by somebody else's hand.
            if (found != null && found.isPersistent() && DomainLock.isLocked(found.inactiveXml())) {
                MovedDefinition.undefine(found);
            }
        }
    }
}
