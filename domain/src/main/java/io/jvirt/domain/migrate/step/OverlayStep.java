// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.DiskOverlay;
import io.jvirt.domain.libvirt.Domain;

/** Has a running domain write into overlays, so that its images stay as they are while they are copied. */
public final class OverlayStep implements Step {
    static final String KIND = "overlay";

    private static final String BEGUN = "overlays";

    private final Overlays overlays;

    public OverlayStep(Overlays overlays) {
        this.overlays = overlays;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(
                KIND, "have domain '" + overlays.name() + "' write into overlays meanwhile", overlays.parameters());
    }

    static OverlayStep read(StepPlan plan) {
        return new OverlayStep(Overlays.read(plan));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(overlays.uuid())) {
            if (domain == null || !domain.isActive()) {
                throw JvirtException.failed(
                        "domain '" + overlays.name() + "' does not run any more", "leave --presync out");
            }
            context.note(BEGUN, "begun");
            DiskOverlay.create(domain, overlays.snapshotXml());
        }
    }

    @Override
    public void undo(StepContext context) throws Exception {
        if (context.noted(BEGUN) != null) {
            overlays.takeOff(context.host());
        }
    }
}
