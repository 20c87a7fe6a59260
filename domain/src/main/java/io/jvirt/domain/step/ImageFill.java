// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.Cancellation;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageCopies;
import io.jvirt.storage.file.EarlyWriteBack;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Path;

/** Fills a new image with the guest-visible content of another one; zeros stay unwritten. */
final class ImageFill {
    private ImageFill() {}

    @SuppressWarnings("try") // The write-back goes on beside the copy for as long as it is open.
    static void copy(OpenRequest reading, Path target, DiskFileStep.Spec spec, Cancellation cancellation)
            throws IOException {
        CopySettings standard = CopySettings.standard();
        CopySettings settings = new CopySettings(
                standard.threads(),
                standard.sparseBytes(),
                standard.bytesPerSecond(),
                standard.targetReadsAsZeros(),
                standard.overBacking(),
                standard.backingSizeBytes(),
                standard.compress(),
                standard.unreadable(),
                true,
                (done, total) -> cancellation.check());
        try (DiskImage from = DiskImages.open(reading)) {
            if (spec.format() == ImageFormat.QCOW2 && spec.preallocation() == Preallocation.OFF) {
                try (HostFile file = HostFile.createNew(target);
                        EarlyWriteBack early = EarlyWriteBack.of(target)) {
                    ImageCopies.toNewQcow2(from, spec.sizeBytes(), file, Qcow2Options.defaults(), null, settings);
                    file.sync();
                }
                return;
            }
            DiskImages.create(new CreateRequest(
                    target, spec.format(), spec.sizeBytes(), spec.preallocation(), Qcow2Options.defaults()));
            OpenRequest writing =
                    OpenRequest.of(target).withFormat(spec.format()).writable();
            try (DiskImage to = DiskImages.open(writing);
                    EarlyWriteBack early = EarlyWriteBack.of(target)) {
                boolean inOrder = spec.format() == ImageFormat.QCOW2;
                ImageCopies.toImage(from, spec.sizeBytes(), to, inOrder, settings);
                to.flush();
            }
        }
    }
}
