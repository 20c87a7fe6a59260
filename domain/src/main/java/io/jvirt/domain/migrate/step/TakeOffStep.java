// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;

/** Writes what came into the overlays into the images below them and takes them off; the domain is as it was, and off. */
public final class TakeOffStep implements Step {
    static final String KIND = "take-off";

    private final Overlays overlays;

    public TakeOffStep(Overlays overlays) {
        this.overlays = overlays;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(KIND, "take the overlays off domain '" + overlays.name() + "'", overlays.parameters());
    }

    static TakeOffStep read(StepPlan plan) {
        return new TakeOffStep(Overlays.read(plan));
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        overlays.takeOff(context.host());
    }

    /** It reads the same with and without. */
    @Override
    public void undo(StepContext context) {}
}
