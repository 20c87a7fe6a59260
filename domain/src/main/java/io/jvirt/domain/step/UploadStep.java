// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.storage.file.HostFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Fills a volume that the step before made ({@link VolumeStep}, which also removes it) with a file's bytes. */
public final class UploadStep implements Step {
    static final String KIND = "upload";

    private final Path source;
    private final String pool;
    private final String volume;
    private final LongConsumer done;

    public UploadStep(Path source, String pool, String volume, LongConsumer done) {
        this.source = source;
        this.pool = pool;
        this.volume = volume;
        this.done = done;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("source", source.toString());
        p.put("pool", pool);
        p.put("volume", volume);
        return new StepPlan(KIND, "send " + source + " to volume '" + volume + "' of pool '" + pool + "'", p);
    }

    static UploadStep read(StepPlan plan) {
        return new UploadStep(
                Path.of(Parameters.required(plan, "source")),
                Parameters.required(plan, "pool"),
                Parameters.required(plan, "volume"),
                bytes -> {});
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (HostFile file = HostFile.open(source, true);
                Pool in = Pool.find(context.host(), pool);
                Volume made = in.volumeSeen(context.host(), volume)) {
            // Sparse: the volume is new, so that a hole in it is zeros.
            try (Stream stream = made.upload(context.host(), 0, file.sizeBytes(), true)) {
                SparseTransfer.send(file, stream, context.cancellation(), done);
            }
            in.refresh();
        }
    }

    @Override
    public void undo(StepContext context) {
        // The volume goes as a whole.
    }
}
