// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import java.util.LinkedHashMap;
import java.util.Map;

/** Removes a volume through libvirt's storage API. */
public final class DeleteVolumeStep implements FinalStep {
    static final String KIND = "delete-volume";

    private final String pool;
    private final String volume;

    public DeleteVolumeStep(String pool, String volume) {
        this.pool = pool;
        this.volume = volume;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("pool", pool);
        p.put("volume", volume);
        return new StepPlan(KIND, "remove volume " + volume + " from pool '" + pool + "'", p);
    }

    static DeleteVolumeStep read(StepPlan plan) {
        return new DeleteVolumeStep(Parameters.required(plan, "pool"), Parameters.required(plan, "volume"));
    }

    @Override
    public void perform(StepContext context) {
        try (Pool in = Pool.find(context.host(), pool);
                Volume there = in.volume(volume)) {
            if (there != null) {
                there.delete();
            }
        }
    }
}
