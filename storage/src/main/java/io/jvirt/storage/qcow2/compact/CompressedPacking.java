// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Chooses the compressed clusters that are worth a move: those at the tail, and those in host clusters that hold little. */
final class CompressedPacking {
    /** So many entries are moved in one go, which bounds the memory for them. */
    private static final int MAX_ENTRIES = 1 << 18;

    /** So many sectors are looked at in one go: 8 MiB of memory for 32 GiB of the file. */
    private static final int WINDOW_SECTORS = 1 << 26;

    private final ByteStore store;
    private final Header header;
    private final ClusterGeometry geometry;
    private final int bits;

    /** The highest entries of those that it was given. */
    private static final class Highest {
        private final PriorityQueue<CompressedEntry> entries =
                new PriorityQueue<>(Comparator.comparingLong(CompressedEntry::hostOffset));

        /** What lies below was left out. */
        private long floor;

        void add(CompressedEntry entry) {
            if (entry.hostOffset() < floor) {
                return;
            }
            entries.add(entry);
            if (entries.size() > MAX_ENTRIES) {
                // All that name the same data go together.
                floor = entries.element().hostOffset() + 1;
                while (!entries.isEmpty() && entries.element().hostOffset() < floor) {
                    entries.remove();
                }
            }
        }

        List<CompressedEntry> list() {
            return new ArrayList<>(entries);
        }
    }

    /** Takes entries. */
    @FunctionalInterface
    private interface Visitor {
        void visit(CompressedEntry entry) throws IOException;
    }

    CompressedPacking(ByteStore store) throws IOException {
        this.store = store;
        this.header = HeaderReader.read(store);
        this.geometry = header.geometry();
        this.bits = geometry.clusterBits();
    }

    void run() throws IOException {
        BitSet found = new BitSet();
        scan(entry -> found.set(0));
        if (found.isEmpty()) {
            return;
        }
        closeGaps();
        boolean again = true;
        while (again) {
            again = moveTail();
        }
    }

    private void scan(Visitor visitor) throws IOException {
        PointerScan.compressed(store, header, (at, entry) -> visitor.visit(CompressedEntry.of(at, entry, bits)));
    }

    /** Moves what it can of the tail; true when there may be more to move. */
    private boolean moveTail() throws IOException {
        RefcountEdit refcounts = new RefcountEdit(store, header);
        BitSet used = refcounts.used();
        int ideal = used.cardinality();
        Highest tail = new Highest();
        scan(entry -> {
            if (entry.lastCluster(bits) >= ideal) {
                tail.add(entry);
            }
        });
        boolean moved = new CompressedMoves(store, header, refcounts, used).move(tail.list(), true);
        return moved && tail.floor >>> bits >= ideal;
    }

    /** Empties host clusters of which a quarter or more is unused. */
    private void closeGaps() throws IOException {
        if (geometry.clusterBytes() == L2Entry.COMPRESSED_SECTOR_BYTES || geometry.maxRefcount() == 1) {
            return;
        }
        int clusters = (int) geometry.clustersFor(store.sizeBytes());
        int window = WINDOW_SECTORS / sectorsPerCluster();
        for (int first = 0; first < clusters; first += window) {
            BitSet sparse = sparse(first, Math.min(window, clusters - first));
            long ceiling = sparse.isEmpty() ? 0 : Long.MAX_VALUE;
            while (ceiling > 0) {
                Highest chosen = new Highest();
                long below = ceiling;
                scan(entry -> {
                    int hit = sparse.nextSetBit(entry.firstCluster(bits));
                    if (entry.hostOffset() < below && hit >= 0 && hit <= entry.lastCluster(bits)) {
                        chosen.add(entry);
                    }
                });
                RefcountEdit refcounts = new RefcountEdit(store, header);
                new CompressedMoves(store, header, refcounts, refcounts.used()).move(chosen.list(), false);
                ceiling = chosen.floor;
            }
        }
    }

    /** The clusters of the window that hold compressed data, and little of it. */
    private BitSet sparse(int first, int clusters) throws IOException {
        int sectors = sectorsPerCluster();
        BitSet live = new BitSet();
        long start = (long) first * sectors;
        long end = start + (long) clusters * sectors;
        scan(entry -> {
            long from = Math.max(start, entry.hostOffset() / L2Entry.COMPRESSED_SECTOR_BYTES);
            long to = Math.min(
                    end, (entry.hostOffset() + entry.claimedBytes() - 1) / L2Entry.COMPRESSED_SECTOR_BYTES + 1);
            if (from < to) {
                live.set((int) (from - start), (int) (to - start));
            }
        });
        BitSet sparse = new BitSet();
        for (int at = live.nextSetBit(0); at >= 0; ) {
            int cluster = at / sectors;
            int limit = (cluster + 1) * sectors;
            int count = 0;
            for (; at >= 0 && at < limit; at = live.nextSetBit(at + 1)) {
                count++;
            }
            if (count <= sectors - sectors / 4) {
                sparse.set(first + cluster);
            }
        }
        return sparse;
    }

    private int sectorsPerCluster() {
        return geometry.clusterBytes() / L2Entry.COMPRESSED_SECTOR_BYTES;
    }
}
