// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.Cancellation;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Fills a new image with the guest-visible content of another one; zeros stay unwritten. */
final class ImageFill {
    private static final int PIECE_BYTES = 512 << 10;

    private ImageFill() {}

    static void copy(
            Path source, ImageFormat sourceFormat, Path target, DiskFileStep.Spec spec, Cancellation cancellation)
            throws IOException {
        DiskImages.create(new CreateRequest(
                target, spec.format(), spec.sizeBytes(), spec.preallocation(), Qcow2Options.defaults()));
        OpenRequest reading = OpenRequest.of(source).withFormat(sourceFormat);
        OpenRequest writing = OpenRequest.of(target).withFormat(spec.format()).writable();
        try (DiskImage from = DiskImages.open(reading);
                DiskImage to = DiskImages.open(writing)) {
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
            from.map(0, from.sizeBytes(), extent -> {
                if (!extent.kind().readsAsZero()) {
                    copy(from, to, extent, piece, cancellation);
                }
            });
            to.flush();
        }
    }

    private static void copy(DiskImage from, DiskImage to, Extent extent, ByteBuffer piece, Cancellation cancellation)
            throws IOException {
        long at = extent.guestOffset();
        while (at < extent.endOffset()) {
            cancellation.check();
            int length = (int) Math.min(PIECE_BYTES, extent.endOffset() - at);
            from.read(at, piece.clear().limit(length));
            piece.flip();
            if (!isZero(piece)) {
                to.write(at, piece);
            }
            at += length;
        }
    }

    private static boolean isZero(ByteBuffer piece) {
        for (int i = 0; i < piece.limit(); i++) {
            if (piece.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
