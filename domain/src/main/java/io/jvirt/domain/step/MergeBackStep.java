// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;

/** Ends what {@link SetAsideStep} began. It needs no undoing: when that is undone, the rest is merged too. */
public final class MergeBackStep implements Step {
    static final String KIND = "merge-back";

    private final SideOverlays overlays;

    MergeBackStep(SideOverlays overlays) {
        this.overlays = overlays;
    }

    static MergeBackStep read(StepPlan plan) {
        return new MergeBackStep(SideOverlays.read(plan));
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(
                KIND,
                "merge what domain '" + overlays.name() + "' has written since into its disks",
                overlays.parameters());
    }

    @Override
    public void perform(StepContext context) throws Exception {
        overlays.merge(context);
    }

    @Override
    public void undo(StepContext context) {
        // Merged is as it was before.
    }
}
