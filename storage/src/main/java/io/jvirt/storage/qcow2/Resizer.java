// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Changes the virtual size, with the image to itself: the L1 table first, the size in the header after it. */
final class Resizer {
    private final Tables tables;
    private final ClusterEraser eraser;
    private final @Nullable DiskImage backing;
    private final ClusterGeometry geometry;

    Resizer(Tables tables, ClusterEraser eraser, @Nullable DiskImage backing) {
        this.tables = tables;
        this.eraser = eraser;
        this.backing = backing;
        this.geometry = tables.geometry;
    }

    /** @param hides whether a longer backing file is hidden in the new part; the caller does it where not */
    void resize(long newSizeBytes, boolean hides) throws IOException {
        Header header = tables.header();
        long oldSize = header.virtualSizeBytes();
        if (newSizeBytes < 0 || newSizeBytes % 512 != 0) {
            throw new StorageException("The new size must be a multiple of 512");
        }
        if (header.snapshots().entries() > 0 && header.version() < 3) {
            throw new StorageException("Can't resize a v2 image which has snapshots", "amend it to compat=1.1 first");
        }
        if (newSizeBytes > oldSize) {
            grow(oldSize, newSizeBytes, hides);
        } else if (newSizeBytes < oldSize) {
            shrink(oldSize, newSizeBytes);
        }
        // What someone has appended to a raw data file beforehand is the new part's content.
        boolean keeps = tables.header().features().isDataFileRaw() && newSizeBytes > oldSize;
        if (tables.externalData && newSizeBytes != oldSize && !(keeps && tables.data.sizeBytes() >= newSizeBytes)) {
            tables.data.truncate(newSizeBytes);
        }
    }

    private void grow(long oldSize, long newSize, boolean hides) throws IOException {
        long entries = geometry.l1EntriesFor(newSize);
        if (entries > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
            throw new StorageException(
                    "Failed to grow the L1 table: File too large", "the size is too large for this cluster size");
        }
        if (entries > tables.l1().length) {
            growL1((int) entries, newSize);
        } else {
            tables.flush();
            tables.writeHeader(tables.header().withVirtualSize(newSize));
        }
        if (tables.header().features().isDataFileRaw()) {
            return;
        }
        // The rest of what was the last cluster may hold data from before an earlier shrink.
        long clusterEnd = Math.min(newSize, geometry.alignUp(oldSize));
        eraser.zero(oldSize, clusterEnd - oldSize, false);
        // A backing file that is longer than the disk was must not show through in the new part.
        if (hides && backing != null && backing.sizeBytes() > oldSize) {
            eraser.zero(oldSize, newSize - oldSize, true);
            tables.flush();
        }
    }

    /** A longer copy of the table elsewhere, then the header that names it, then the old one is free. */
    private void growL1(int entries, long newSize) throws IOException {
        tables.checkpoint();
        TableLocation old = tables.header().l1();
        long oldClusters = geometry.clustersFor(old.entries() * 8L);
        long[] table = Arrays.copyOf(tables.l1(), entries);
        long hostOffset = tables.refcounts().allocateTable(geometry.clustersFor(entries * 8L));
        L1Table.writeEntries(tables.file, hostOffset, table, 0, entries - 1);
        tables.checkpoint();
        tables.switchL1(table, new TableLocation(hostOffset, entries), newSize);
        if (old.entries() > 0) {
            tables.releases.table(old.hostOffset(), oldClusters);
        }
        tables.flush();
    }

    /** The size first: a crash then leaves clusters behind the end, which nobody sees. */
    private void shrink(long oldSize, long newSize) throws IOException {
        try {
            tables.refcounts().table().checkBlocks();
        } catch (CorruptImageException e) {
            throw failed("Failed to discard unused refblocks", e);
        }
        try {
            eraser.drop(geometry.alignUp(newSize), geometry.alignUp(oldSize));
        } catch (CorruptImageException e) {
            throw failed("Failed to discard cropped clusters", e);
        }
        tables.flush();
        long[] l1 = tables.l1();
        for (int i = (int) geometry.l1EntriesFor(newSize); i < l1.length; i++) {
            long table = L2Entry.hostOffset(l1[i]);
            if (table != 0) {
                tables.setL1(i, 0);
                tables.releases.table(table, 1);
            }
        }
        tables.flush();
        TableLocation location = tables.header().l1();
        int entries = (int) Math.min(location.entries(), Math.max(1, geometry.l1EntriesFor(newSize)));
        long from = geometry.clustersFor(entries * 8L);
        long to = geometry.clustersFor(location.entries() * 8L);
        tables.switchL1(Arrays.copyOf(l1, entries), new TableLocation(location.hostOffset(), entries), newSize);
        if (to > from) {
            tables.releases.table(location.hostOffset() + (from << geometry.clusterBits()), to - from);
        }
        tables.flush();
        while (tables.refcounts().dropEmptyBlocks()) {
            tables.flush();
        }
        truncateTail();
    }

    private static StorageException failed(String what, CorruptImageException cause) {
        return new StorageException(what + ": " + CorruptImageException.reason(cause), cause.hint(), cause);
    }

    /** Cuts free clusters off the end of the file. */
    private void truncateTail() throws IOException {
        long end = geometry.clustersFor(tables.file.sizeBytes());
        long last = end;
        while (last > 0 && tables.refcounts().get(last - 1) == 0) {
            last--;
        }
        if (last < end) {
            tables.checkpoint();
            tables.file.sync();
            tables.file.truncate(last << geometry.clusterBits());
            tables.refcounts().lowerHighWater(last << geometry.clusterBits());
        }
    }
}
