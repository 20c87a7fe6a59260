// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.step.StepDomain;

/** Has the target's libvirt start the domain with its host, as the source's did. */
public final class TargetAutostartStep implements Step {
    static final String KIND = "target-autostart";

    private final StepDomain domain;

    public TargetAutostartStep(String uri, String name, String uuid) {
        this(new StepDomain(uri, name, uuid));
    }

    private TargetAutostartStep(StepDomain domain) {
        this.domain = domain;
    }

    @Override
    public StepPlan plan() {
        return domain.plan(KIND, "have domain '" + domain.name() + "' start with " + domain.uri());
    }

    static TargetAutostartStep read(StepPlan plan) {
        return new TargetAutostartStep(StepDomain.read(plan));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.open(context)) {
            if (found == null) {
                throw JvirtException.failed(
                        "domain '" + domain.name() + "' has disappeared from the target meanwhile", null);
            }
            found.setAutostart(true);
        }
    }

    /** The flag goes with the definition. */
    @Override
    public void undo(StepContext context) {}
}
