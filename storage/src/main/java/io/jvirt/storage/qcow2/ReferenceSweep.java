// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Goes over all that an L1 table refers to: L2 tables and clusters, each as often as it is named. Runs with the image to
 * itself and with nothing pending, so that the file holds what the tables are.
 */
final class ReferenceSweep {
    private final Tables tables;
    private final ClusterGeometry geometry;

    ReferenceSweep(Tables tables) {
        this.tables = tables;
        geometry = tables.geometry;
    }

    /** Takes runs of host clusters. */
    @FunctionalInterface
    private interface Runs {
        void run(long firstCluster, long clusters, boolean table) throws IOException;
    }

    /** Refuses to go on where one more reference would not fit a refcount; nothing has been changed then. */
    void checkRoom(long[] l1) throws IOException {
        sweep(l1, (first, clusters, table) -> {
            long cluster = tables.refcounts().firstWithoutRoom(first, clusters);
            if (cluster == first + clusters) {
                return;
            }
            if (!tables.refcounts().isCovered(cluster)) {
                throw new StorageException(
                        "'" + tables.file.name() + "': its tables name cluster " + cluster + ", which nothing counts",
                        "look at it with check, then use check -r all",
                        new IOException(
                                tables.refcounts().isBeyondTable(cluster)
                                        ? "File too large"
                                        : "Resource temporarily unavailable"));
            }
            throw new StorageException(
                    "'" + tables.file.name() + "': a refcount of " + geometry.refcountBits()
                            + " bits cannot count one more snapshot",
                    "convert the image to one with -o refcount_bits=16");
        });
    }

    void addReferences(long[] l1) throws IOException {
        sweep(l1, (first, clusters, table) -> tables.refcounts().add(first, clusters, 1));
    }

    void dropReferences(long[] l1) throws IOException {
        sweep(l1, (first, clusters, table) -> tables.refcounts().add(first, clusters, -1));
    }

    /** Gives the data that the table refers to back to the host, as far as nothing counts it. */
    void punchUnused(long[] l1) throws IOException {
        int bits = geometry.clusterBits();
        sweep(l1, (start, clusters, table) -> {
            long end = table ? start : start + clusters;
            for (long at = start; at < end; at++) {
                long first = at;
                while (at < end && tables.refcounts().get(at) == 0) {
                    at++;
                }
                if (at > first) {
                    tables.file.punchHole(first << bits, (at - first) << bits);
                }
            }
        });
    }

    private void sweep(long[] l1, Runs runs) throws IOException {
        for (int i = 0; i < l1.length; i++) {
            long l2Offset = L2Entry.hostOffset(l1[i]);
            if (l2Offset == 0) {
                continue;
            }
            ByteBuffer l2 = read(l2Offset, i);
            runs.run(l2Offset >>> geometry.clusterBits(), 1, true);
            sweepL2(l2, l2Offset, runs);
        }
    }

    private void sweepL2(ByteBuffer l2, long l2Offset, Runs runs) throws IOException {
        int clusterBits = geometry.clusterBits();
        long runStart = 0;
        long runLength = 0;
        for (int at = 0; at < geometry.clusterBytes(); at += geometry.l2EntryBytes()) {
            long entry = l2.getLong(at);
            long first;
            long count = 1;
            if (L2Entry.isCompressed(entry)) {
                long offset = L2Entry.compressedHostOffset(entry, clusterBits);
                first = offset >>> clusterBits;
                long last = (offset + L2Entry.compressedLengthBytes(entry, clusterBits) - 1) >>> clusterBits;
                count = last - first + 1;
            } else if (L2Entry.hostOffset(entry) == 0 || tables.externalData) {
                continue;
            } else {
                first = aligned(L2Entry.hostOffset(entry), l2Offset, at) >>> clusterBits;
            }
            if (runLength > 0 && first == runStart + runLength) {
                runLength += count;
                continue;
            }
            if (runLength > 0) {
                runs.run(runStart, runLength, false);
            }
            runStart = first;
            runLength = count;
        }
        if (runLength > 0) {
            runs.run(runStart, runLength, false);
        }
    }

    private long aligned(long hostOffset, long l2Offset, int at) throws IOException {
        if (geometry.offsetInCluster(hostOffset) != 0) {
            throw tables.damage.unalignedCluster(hostOffset, l2Offset, at);
        }
        return hostOffset;
    }

    private ByteBuffer read(long l2Offset, int l1Index) throws IOException {
        tables.damage.checkL2Place(l2Offset, l1Index);
        ByteBuffer l2 = ByteBuffer.allocate(geometry.clusterBytes());
        tables.file.readZeroPadded(l2Offset, l2);
        return l2.clear();
    }

    /**
     * Gives an L1 table, and copies of the L2 tables where it has to, the copied flags that the counts ask for. The tables
     * that the disk names are left alone.
     */
    void flag(long[] l1) throws IOException {
        Refcounts counts = tables.refcounts();
        for (int i = 0; i < l1.length; i++) {
            long l2Offset = L2Entry.hostOffset(l1[i]);
            if (l2Offset == 0) {
                continue;
            }
            ByteBuffer l2 = read(l2Offset, i);
            if (flagTable(l2, counts)) {
                long copy = counts.allocateTable(1);
                tables.forgetTables(copy, geometry.clusterBytes());
                tables.file.write(copy, l2.clear());
                counts.add(l2Offset >>> geometry.clusterBits(), 1, -1);
                l1[i] = copy | L2Entry.COPIED;
            } else {
                l1[i] = flagged(l1[i], counts.get(l2Offset >>> geometry.clusterBits()) == 1);
            }
        }
    }

    private boolean flagTable(ByteBuffer l2, Refcounts counts) throws IOException {
        boolean changed = false;
        for (int at = 0; at < geometry.clusterBytes(); at += geometry.l2EntryBytes()) {
            long entry = l2.getLong(at);
            if (L2Entry.isCompressed(entry) || L2Entry.hostOffset(entry) == 0 || tables.externalData) {
                continue;
            }
            boolean single = counts.get(L2Entry.hostOffset(entry) >>> geometry.clusterBits()) == 1;
            if (single != L2Entry.isCopied(entry)) {
                l2.putLong(at, flagged(entry, single));
                changed = true;
            }
        }
        return changed;
    }

    private static long flagged(long entry, boolean copied) {
        return copied ? entry | L2Entry.COPIED : entry & ~L2Entry.COPIED;
    }
}
