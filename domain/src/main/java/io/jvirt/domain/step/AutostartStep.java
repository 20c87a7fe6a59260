// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;

/** Has libvirt start a domain with its host. */
public final class AutostartStep implements Step {
    static final String KIND = "autostart";

    /** In journals of versions that had a step of its own for a migration's target. */
    static final String TARGET_KIND = "target-autostart";

    private final StepDomain domain;

    public AutostartStep(StepDomain domain) {
        this.domain = domain;
    }

    @Override
    public StepPlan plan() {
        String host = domain.uri() == null ? "the host" : domain.uri();
        return domain.plan(KIND, "have domain '" + domain.name() + "' start with " + host);
    }

    static AutostartStep read(StepPlan plan) {
        return new AutostartStep(StepDomain.read(plan));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.find(context)) {
            found.setAutostart(true);
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain found = domain.open(context)) {
            if (found != null && found.isPersistent()) {
                found.setAutostart(false);
            }
        }
    }
}
