// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.OverlayRebase;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes an overlay independent of the image below it: it takes over what it shows of that, and lies on what is below that
 * image, if anything. It reads the same before, meanwhile and afterwards.
 */
public final class RebaseStep implements Step {
    static final String KIND = "rebase";
    private static final String FROM = "from";

    private final Path overlay;

    public RebaseStep(Path overlay) {
        this.overlay = overlay;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(
                KIND, "copy what " + overlay + " shows of the image below it", Map.of("overlay", overlay.toString()));
    }

    static RebaseStep read(StepPlan plan) {
        return new RebaseStep(Path.of(Parameters.required(plan, "overlay")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        OpenRequest request =
                OpenRequest.of(overlay).withFormat(ImageFormat.QCOW2).withPolicy(OpenPolicy.everything());
        Qcow2Description top = DiskImages.describe(request).qcow2();
        String below = top == null ? null : top.fullBackingFile();
        String from = context.noted(FROM);
        if (top == null || below == null || (from != null && !from.equals(below))) {
            // Done before an interruption.
            return;
        }
        context.note(FROM, below);
        ImageFormat middleFormat = format(below, top.header().backingFormat());
        Qcow2Description middle = DiskImages.describe(
                        OpenRequest.of(Path.of(below)).withFormat(middleFormat))
                .qcow2();
        String next = middle == null ? null : middle.fullBackingFile();
        String nextFormat = middle == null ? null : middle.header().backingFormat();
        try (DiskImage image = DiskImages.open(request.writable());
                DiskImage newBacking = next == null ? null : open(next, nextFormat)) {
            OverlayRebase.copyDifferences(
                    image,
                    newBacking,
                    OverlayRebase.Zeros.MARKED,
                    (done, total) -> context.cancellation().check());
            image.flush();
            ((Qcow2Image) image).structure().changeHeader(header -> withBacking(header, next, nextFormat));
            image.flush();
        }
    }

    private static DiskImage open(String path, @Nullable String format) throws IOException {
        return DiskImages.open(
                OpenRequest.of(Path.of(path)).withFormat(format(path, format)).withPolicy(OpenPolicy.everything()));
    }

    /** Never by its first bytes: a guest writes those of a raw image. */
    private static ImageFormat format(String path, @Nullable String recorded) throws StorageException {
        if (recorded == null) {
            throw new StorageException("the image above " + path + " does not say of what format that is");
        }
        return ImageFormat.valueOf(recorded.toUpperCase(Locale.ROOT));
    }

    private static Header withBacking(Header header, @Nullable String next, @Nullable String format) {
        Header changed = header.withoutExtension(HeaderExtension.BACKING_FORMAT).withBackingFile(next);
        if (next == null || format == null) {
            return changed;
        }
        List<HeaderExtension> extensions = new ArrayList<>(changed.extensions());
        extensions.add(0, HeaderExtension.ofText(HeaderExtension.BACKING_FORMAT, format));
        return changed.withExtensions(extensions);
    }

    /** Nothing: it reads as before, wherever it was cut off. */
    @Override
    public void undo(StepContext context) {}
}
