// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;

/** Has libvirt start a domain with the host. */
public final class AutostartStep implements Step {
    static final String KIND = "autostart";

    private final StepDomain domain;

    public AutostartStep(String name, String uuid) {
        this(new StepDomain(null, name, uuid));
    }

    private AutostartStep(StepDomain domain) {
        this.domain = domain;
    }

    @Override
    public StepPlan plan() {
        return domain.plan(KIND, "have domain '" + domain.name() + "' start with the host");
    }

    static AutostartStep read(StepPlan plan) {
        return new AutostartStep(StepDomain.read(plan));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.open(context)) {
            if (found == null) {
                throw JvirtException.failed("domain '" + domain.name() + "' has disappeared meanwhile", null);
            }
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
