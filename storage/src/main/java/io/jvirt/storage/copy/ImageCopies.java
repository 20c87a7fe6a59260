// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Copies an image's guest-visible content: into a new qcow2 file, or into an image that is open. */
public final class ImageCopies {
    private static final int RAW_BLOCK_BYTES = 4096;
    private static final int PUNCH_BYTES = 1 << 20;

    private ImageCopies() {}

    /**
     * Fills an empty file with a qcow2 image of the source's content, in one pass.
     *
     * @param options what the image is to be like; an external data file is not for this method
     * @param compression to compress each cluster, or null
     */
    public static void toNewQcow2(
            DiskImage source,
            long sizeBytes,
            ByteStore file,
            Qcow2Options options,
            @Nullable CompressionType compression,
            CopySettings settings)
            throws IOException {
        try (Qcow2Target target = new Qcow2Target(
                file, Qcow2Creator.header(options, sizeBytes, TableLocation.NONE, TableLocation.NONE), compression)) {
            new ImageCopy(source, sizeBytes, target, settings).run();
        }
    }

    /**
     * Writes the source's content into an open image.
     *
     * @param inOrder whether writes happen in the order of the disk, for formats that allocate as they are written
     */
    public static void toImage(
            DiskImage source, long sizeBytes, DiskImage target, boolean inOrder, CopySettings settings)
            throws IOException {
        long sparse = settings.sparseBytes();
        int block = sparse == 0 || sparse >= RAW_BLOCK_BYTES
                ? RAW_BLOCK_BYTES
                : (int) Math.max(512, Long.highestOneBit(sparse));
        try (ImageTarget open = new ImageTarget(target, block, inOrder, settings.targetReadsAsZeros(), sparse != 0)) {
            new ImageCopy(source, sizeBytes, open, settings).run();
        }
    }

    /** Gives blocks of zeros back to the host, in the image itself. */
    public static void punchZeros(DiskImage image, CopyProgress progress) throws IOException {
        ByteBuffer data = PageBuffer.allocate(PUNCH_BYTES).order(ByteOrder.nativeOrder());
        image.map(0, image.sizeBytes(), extent -> {
            if (extent.kind() != Extent.Kind.DATA) {
                return;
            }
            // From block to block: the file system can give back no less.
            for (long at = extent.guestOffset() / RAW_BLOCK_BYTES * RAW_BLOCK_BYTES; at < extent.endOffset(); ) {
                int length = (int) Math.min(PUNCH_BYTES, image.sizeBytes() - at);
                image.read(at, data.clear().limit(length));
                int zeroFrom = -1;
                for (int i = 0; i <= length; i += RAW_BLOCK_BYTES) {
                    int block = Math.min(RAW_BLOCK_BYTES, length - i);
                    boolean zero = block > 0 && ZeroScan.isZero(data, i, block);
                    if (zero && zeroFrom < 0) {
                        zeroFrom = i;
                    } else if (!zero && zeroFrom >= 0) {
                        image.zero(at + zeroFrom, i - zeroFrom, true);
                        zeroFrom = -1;
                    }
                }
                if (zeroFrom >= 0) {
                    image.zero(at + zeroFrom, length - zeroFrom, true);
                }
                at += length;
                progress.done(at, image.sizeBytes());
            }
        });
        image.flush();
    }

    /**
     * Writes the source's content into an open qcow2 image as compressed clusters.
     *
     * @param targetOffset where the source's start comes to lie; a multiple of the cluster size
     */
    public static void toCompressedImage(
            DiskImage source, long sizeBytes, Qcow2Image target, long targetOffset, CopySettings settings)
            throws IOException {
        try (CompressedImageTarget open =
                new CompressedImageTarget(target, targetOffset, settings.targetReadsAsZeros())) {
            new ImageCopy(source, sizeBytes, open, settings).run();
        }
    }
}
