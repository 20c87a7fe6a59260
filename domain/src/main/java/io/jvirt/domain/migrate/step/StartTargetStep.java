// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.step.StepDomain;

/** Starts the domain on the target. It has moved: where it does not start, that is said, and the rest is done all the same. */
public final class StartTargetStep implements FinalStep {
    static final String KIND = "start-target";

    private final StepDomain domain;

    public StartTargetStep(String uri, String name, String uuid) {
        this(new StepDomain(uri, name, uuid));
    }

    private StartTargetStep(StepDomain domain) {
        this.domain = domain;
    }

    @Override
    public StepPlan plan() {
        return domain.plan(KIND, "start domain '" + domain.name() + "' on " + domain.uri());
    }

    static StartTargetStep read(StepPlan plan) {
        return new StartTargetStep(StepDomain.read(plan));
    }

    @Override
    public void perform(StepContext context) {
        Host target = domain.host(context);
        try (Domain found = domain.open(context)) {
            if (found != null && !found.isActive()) {
                found.start();
            }
        } catch (LibvirtException e) {
            if (!target.isAlive()) {
                throw e;
            }
            context.report("'" + domain.name() + "' has moved, but it does not start there: " + e.reason());
        }
    }
}
