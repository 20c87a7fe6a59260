// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;

/**
 * Bounds the work of walking tables, and the memory for counting. Every table may refer to every other, so that a small
 * file can ask for years of work. In a sound image each table is named once by the active L1 table and once by each
 * snapshot's, so what it asks for follows from the space that it takes. Tables in holes, which read as zeros, cost nothing.
 */
final class WalkBudget {
    private static final long ALWAYS_ENTRIES = 1L << 23;

    /** To read a small table takes as long as to look through so many entries. */
    private static final int MIN_ENTRIES = 256;

    private static final int ALWAYS_PAGES = 256;

    /** A page counts so many clusters that their L2 entries alone take half a MiB; an eighth of that is plenty. */
    private static final int BYTES_PER_PAGE = 64 << 10;

    /** What all counts of one check may take together where it has the choice. */
    private static final long COUNTS_BYTES = 96L << 20;

    private final ByteStore store;
    private final int maxPages;
    private final long possiblePages;
    private final long maxEntries;
    private long spent;
    private long holeStart;
    private long holeEnd;
    private long dataStart;
    private long dataEnd;

    WalkBudget(CheckContext context) throws IOException {
        store = context.store;
        // The system counts no blocks of a device.
        long allocatedBytes = store.isDevice() ? context.fileBytes : store.allocatedBytes();
        maxPages = ALWAYS_PAGES + (int) Math.min(1 << 20, allocatedBytes / BYTES_PER_PAGE);
        possiblePages = (context.fileClusters >>> ClusterCounts.PAGE_BITS) + 1;
        ClusterGeometry geometry = context.geometry;
        long clusters = allocatedBytes >>> geometry.clusterBits();
        long snapshots = Math.min(Math.min(context.header.snapshots().entries(), Header.MAX_SNAPSHOTS), clusters);
        // The active tables are walked for their references and for their flags, each snapshot's for their references.
        long l2Entries = clusters * cost(geometry.l2Entries()) * (2 + snapshots);
        // A sound file has blocks for what it holds; as many again may be left of a time when it was longer.
        long blocks = Math.min(clusters, 2 * (context.fileClusters / geometry.refcountBlockEntries() + 1));
        maxEntries = ALWAYS_ENTRIES + l2Entries + blocks * cost(geometry.refcountBlockEntries());
    }

    /** Counts that can take as many pages as a sound image of this size asks for. */
    ClusterCounts counts() {
        return new ClusterCounts(store.name(), maxPages);
    }

    /** How many counts there can be at a time, at least two. */
    int countsAtATime() {
        long bytes = Math.min(maxPages, possiblePages) * ClusterCounts.PAGE_CLUSTERS;
        return (int) Math.max(2, Math.min(64, COUNTS_BYTES / bytes));
    }

    void spend(long entries) throws StorageException {
        spent += cost(entries);
        if (spent > maxEntries) {
            throw new StorageException(
                    "'" + store.name() + "': its tables refer to each other too often to follow them all",
                    "convert the image to a new one");
        }
    }

    private static long cost(long entries) {
        return Math.max(MIN_ENTRIES, entries);
    }

    boolean isHole(long offset, long lengthBytes) throws IOException {
        long end = offset + lengthBytes;
        if (offset >= holeStart && end <= holeEnd) {
            return true;
        }
        if (offset >= dataStart && offset < dataEnd) {
            return false;
        }
        long data = store.nextData(offset);
        if (data > offset) {
            holeStart = offset;
            holeEnd = data >= store.sizeBytes() ? Long.MAX_VALUE : data;
            return end <= holeEnd;
        }
        dataStart = offset;
        dataEnd = store.nextHole(offset);
        return false;
    }
}
