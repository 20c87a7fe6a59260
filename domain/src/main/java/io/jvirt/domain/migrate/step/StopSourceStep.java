// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.power.PowerOff;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.step.StepDomain;
import java.time.Duration;
import java.util.Map;

/** Shuts the guest down, once nearly everything is on the target. Where it does not, the domain runs on as before. */
public final class StopSourceStep implements Step {
    static final String KIND = "stop-source";

    private static final String RAN = "ran";

    private final Overlays overlays;
    private final long limitSeconds;

    /** @param limitSeconds how long the guest may take */
    public StopSourceStep(Overlays overlays, long limitSeconds) {
        this.overlays = overlays;
        this.limitSeconds = limitSeconds;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = overlays.parameters();
        p.put("limitSeconds", Long.toString(limitSeconds));
        return new StepPlan(KIND, "shut domain '" + overlays.name() + "' down", p);
    }

    static StopSourceStep read(StepPlan plan) {
        return new StopSourceStep(Overlays.read(plan), Long.parseLong(Parameters.required(plan, "limitSeconds")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain domain = new StepDomain(overlays.name(), overlays.uuid()).find(context)) {
            if (overlays.isChanged(domain.inactiveXmlWithSecrets())) {
                throw JvirtException.failed(
                        "the definition of domain '" + overlays.name() + "' was changed meanwhile",
                        "run the command again");
            }
            if (!domain.isActive()) {
                return;
            }
        }
        context.note(RAN, "yes");
        try (PowerOff off = PowerOff.beginWithin(context.host(), overlays.uuid(), Duration.ofSeconds(limitSeconds))) {
            off.await(context::report, context.cancellation());
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(overlays.uuid())) {
            if (domain != null && context.noted(RAN) != null && !domain.isActive()) {
                domain.start();
            }
        }
    }
}
