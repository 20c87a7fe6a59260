// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.util.LinkedHashMap;
import java.util.Map;

/** Removes what {@link StagedVolumeStep} sent, once QEMU has read it. */
public final class UnstageVolumeStep implements Step {
    static final String KIND = "unstage-volume";

    private final String pool;
    private final String volume;

    public UnstageVolumeStep(String pool, String volume) {
        this.pool = pool;
        this.volume = volume;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("pool", pool);
        p.put("volume", volume);
        return new StepPlan(KIND, "remove " + volume + " from pool '" + pool + "'", p);
    }

    static UnstageVolumeStep read(StepPlan plan) {
        return new UnstageVolumeStep(Parameters.required(plan, "pool"), Parameters.required(plan, "volume"));
    }

    @Override
    public void perform(StepContext context) {
        StagedVolumeStep.delete(context, pool, volume);
    }

    /** Nothing: the volume is gone either way. */
    @Override
    public void undo(StepContext context) {}
}
