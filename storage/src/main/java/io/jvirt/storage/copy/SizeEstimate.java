// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How large a qcow2 file will be, reckoned as QEMU does: metadata as if everything were allocated. */
public final class SizeEstimate {
    private static final int TABLE_ENTRY_BYTES = 8;
    private static final int BITMAP_ENTRY_BYTES = 24;

    private final ClusterGeometry geometry;
    private final int clusterBytes;

    public SizeEstimate(ClusterGeometry geometry) {
        this.geometry = geometry;
        this.clusterBytes = geometry.clusterBytes();
    }

    /** The file's size when every cluster is allocated. */
    public long fullBytes(long virtualSizeBytes) {
        long data = geometry.alignUp(virtualSizeBytes);
        int l2EntryBytes = geometry.l2EntryBytes();
        long l2Entries = roundUp(data / clusterBytes, clusterBytes / l2EntryBytes);
        long l1Entries = roundUp(l2Entries * l2EntryBytes / clusterBytes, clusterBytes / TABLE_ENTRY_BYTES);
        long meta = clusterBytes + l2Entries * l2EntryBytes + l1Entries * TABLE_ENTRY_BYTES;
        return meta + refcountBytes((meta + data) / clusterBytes) + data;
    }

    private long refcountBytes(long clusters) {
        long blocks = 0;
        long table = 0;
        long before = -1;
        while (clusters + blocks + table != before) {
            before = clusters + blocks + table;
            blocks = roundUp(before, geometry.refcountBlockEntries()) / geometry.refcountBlockEntries();
            table = roundUp(blocks, clusterBytes / TABLE_ENTRY_BYTES) / (clusterBytes / TABLE_ENTRY_BYTES);
        }
        return (blocks + table) * clusterBytes;
    }

    /** The clusters that hold data of an image, in bytes. */
    public long dataBytes(DiskImage image) throws IOException {
        long[] total = {0, 0};
        image.map(0, image.sizeBytes(), extent -> {
            Extent.Kind kind = extent.kind();
            if (kind == Extent.Kind.DATA || kind == Extent.Kind.COMPRESSED || kind == Extent.Kind.SPARSE) {
                // A cluster that an earlier extent reached into is counted already.
                long from = Math.max(total[1], geometry.alignDown(extent.guestOffset()));
                long to = geometry.alignUp(extent.endOffset());
                total[0] += Math.max(0, to - from);
                total[1] = Math.max(total[1], to);
            }
        });
        return total[0];
    }

    /** What copies of these bitmaps will take. */
    public long bitmapBytes(List<BitmapEntry> bitmaps, long virtualSizeBytes) {
        long bytes = 0;
        long directory = 0;
        for (BitmapEntry bitmap : bitmaps) {
            long bits = roundUp(virtualSizeBytes, 1L << bitmap.granularityBits()) >>> bitmap.granularityBits();
            long clusters = roundUp((bits + 7) / 8, clusterBytes) / clusterBytes;
            bytes += clusters * clusterBytes + roundUp(clusters * TABLE_ENTRY_BYTES, clusterBytes);
            int nameBytes = bitmap.name().getBytes(StandardCharsets.UTF_8).length;
            directory += roundUp(BITMAP_ENTRY_BYTES + nameBytes, 8);
        }
        return bytes + roundUp(directory, clusterBytes);
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
