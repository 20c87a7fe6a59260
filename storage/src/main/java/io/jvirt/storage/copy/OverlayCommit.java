// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes what overlays changed into the image below them. */
public final class OverlayCommit {
    private static final int READ_BYTES = 1 << 20;

    private OverlayCommit() {}

    /**
     * Copies what the layers hold themselves into the base, the lowest layer first. The base is as large as the topmost
     * layer afterwards, if it was smaller.
     *
     * @param layers the images above the base, the topmost first, each opened without its backing file
     * @param base open for writing
     */
    public static void copyDown(List<DiskImage> layers, DiskImage base, long bytesPerSecond, CopyProgress progress)
            throws IOException {
        long size = layers.get(0).sizeBytes();
        if (base.sizeBytes() < size) {
            base.resize(size);
        }
        RateLimit rate = new RateLimit(bytesPerSecond);
        ByteBuffer data = ByteBuffer.allocateDirect(READ_BYTES);
        long total = size * layers.size();
        for (int i = layers.size() - 1; i >= 0; i--) {
            DiskImage layer = layers.get(i);
            long before = size * (layers.size() - 1 - i);
            long end = Math.min(size, layer.sizeBytes());
            layer.map(0, end, extent -> {
                copy(layer, extent, base, data, rate);
                progress.done(before + extent.endOffset(), total);
            });
            if (end < size) {
                // A layer that is shorter than the one above it reads as zeros behind its end.
                base.zero(end, size - end, true);
            }
        }
        base.flush();
    }

    private static void copy(DiskImage layer, Extent extent, DiskImage base, ByteBuffer data, RateLimit rate)
            throws IOException {
        if (extent.kind() == Extent.Kind.UNALLOCATED) {
            return;
        }
        if (extent.kind().readsAsZero()) {
            base.zero(extent.guestOffset(), extent.lengthBytes(), true);
            return;
        }
        for (long at = extent.guestOffset(); at < extent.endOffset(); at += data.limit()) {
            data.clear().limit((int) Math.min(READ_BYTES, extent.endOffset() - at));
            rate.pass(data.limit());
            layer.read(at, data);
            base.write(at, data.flip());
        }
    }

    /** Fills a new file with an image like an overlay of this header, but without any content of its own. */
    public static void writeEmpty(ByteStore file, Header header) throws IOException {
        Header empty = header.withL1(TableLocation.NONE)
                .withRefcountTable(TableLocation.NONE)
                .withSnapshots(TableLocation.NONE)
                .withFeatures(header.features()
                        .withIncompatible(Features.DIRTY, false)
                        .withAutoclear(Features.BITMAPS, false))
                .withoutExtension(HeaderExtension.BITMAPS);
        new Qcow2Layout(file, empty).finish();
    }
}
