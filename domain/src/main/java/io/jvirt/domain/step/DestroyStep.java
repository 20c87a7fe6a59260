// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;

/** Forces a domain off. */
public final class DestroyStep implements Step {
    static final String KIND = "destroy";

    private final StepDomain domain;

    public DestroyStep(String name, String uuid) {
        this(new StepDomain(null, name, uuid));
    }

    private DestroyStep(StepDomain domain) {
        this.domain = domain;
    }

    @Override
    public StepPlan plan() {
        return domain.plan(KIND, "force domain '" + domain.name() + "' off");
    }

    static DestroyStep read(StepPlan plan) {
        return new DestroyStep(StepDomain.read(plan));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.open(context)) {
            if (found != null && found.isActive()) {
                found.destroy();
            }
        }
    }

    /** Nothing: what ran is over, and what is defined stays as it is. */
    @Override
    public void undo(StepContext context) {}
}
