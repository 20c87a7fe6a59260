// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.OverlayCommit;
import io.jvirt.storage.qcow2.Qcow2Description;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes an overlay's content into the image below it. The overlay stays and reads the same at every moment, so an
 * interruption harms nobody; what the image held before is gone, so there is only the way forward.
 */
public final class CommitStep implements FinalStep {
    static final String KIND = "commit";

    private final Path overlay;

    public CommitStep(Path overlay) {
        this.overlay = overlay;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(
                KIND, "commit " + overlay + " into the image below it", Map.of("overlay", overlay.toString()));
    }

    static CommitStep read(StepPlan plan) {
        return new CommitStep(Path.of(Parameters.required(plan, "overlay")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        if (!Files.exists(overlay)) {
            return;
        }
        OpenRequest request = OpenRequest.of(overlay).withFormat(ImageFormat.QCOW2);
        Qcow2Description top = DiskImages.describe(request).qcow2();
        String below = top == null ? null : top.fullBackingFile();
        String format = top == null ? null : top.header().backingFormat();
        if (below == null || format == null) {
            throw new StorageException(overlay + " does not say what lies below it, and of what format that is");
        }
        OpenRequest base = OpenRequest.of(Path.of(below))
                .withFormat(ImageFormat.valueOf(format.toUpperCase(Locale.ROOT)))
                .withPolicy(OpenPolicy.everything())
                .writable();
        try (DiskImage to = DiskImages.open(base);
                DiskImage from = DiskImages.open(request.withoutBacking())) {
            OverlayCommit.copyDown(List.of(from), to, 0, (done, total) -> {});
        }
    }
}
