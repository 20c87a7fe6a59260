// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Checks an image in the hope that nothing is wrong with it: each L2 table is read once, however many L1 tables name it,
 * by several threads, and the copied flags are checked on the way. The first thing that is not as it should be ends the
 * check without an answer, and the exact one begins.
 */
final class SoundImageCheck {
    private static final int TABLES_PER_STEP = 8;
    private static final int MAX_THREADS = 4;

    private final CheckContext context;
    private final ClusterGeometry geometry;
    private final SnapshotScan snapshots;
    private final StoredRefcounts stored;
    private final WalkBudget budget;
    private final ClusterCounts refcounts;
    private final boolean dataFile;
    private final AtomicBoolean unsound = new AtomicBoolean();
    private final AtomicInteger nextStep = new AtomicInteger();

    /** Offsets of the L2 tables, each once, and how often the active and all L1 tables name them. */
    private long[] tables = new long[0];

    private int[] activeUses = new int[0];
    private int[] uses = new int[0];

    SoundImageCheck(CheckContext context, SnapshotScan snapshots, StoredRefcounts stored) throws IOException {
        budget = new WalkBudget(context);
        refcounts = budget.counts();
        this.context = context;
        this.snapshots = snapshots;
        this.stored = stored;
        geometry = context.geometry;
        dataFile = context.header.features().hasDataFile();
    }

    /** True when the image is sound; the context then holds the numbers. */
    boolean run() throws IOException {
        ClusterCounts counts = budget.counts();
        if ((dataFile && !snapshots.snapshots.isEmpty()) || !loadRefcounts(counts) || !collectTables(counts)) {
            return false;
        }
        int threads = Math.min(
                MAX_THREADS, Math.min(Runtime.getRuntime().availableProcessors(), 1 + tables.length / TABLES_PER_STEP));
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(new Worker());
        }
        List<Thread> helpers = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            Thread thread = new Thread(workers.get(i), "check-" + i);
            thread.start();
            helpers.add(thread);
        }
        workers.get(0).run();
        awaitAll(helpers);
        for (Worker worker : workers) {
            worker.throwFailure();
        }
        if (unsound.get()) {
            return false;
        }
        long allocated = 0;
        long fragmented = 0;
        long compressed = 0;
        for (Worker worker : workers) {
            counts.addAll(worker.counts);
            allocated += worker.allocated;
            fragmented += worker.fragmented;
            compressed += worker.compressed;
        }
        if (!countMetadata(counts) || !equal(counts)) {
            return false;
        }
        context.allocatedClusters = allocated;
        context.fragmentedClusters = fragmented;
        context.compressedClusters = compressed;
        context.highestCluster = Math.max(0, counts.highest());
        return true;
    }

    private static void awaitAll(List<Thread> threads) throws IOException {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private boolean loadRefcounts(ClusterCounts counts) throws IOException {
        int order = geometry.refcountOrder();
        for (int i = 0; i < stored.tableEntries(); i++) {
            long entry = stored.tableEntry(i);
            if (entry == 0) {
                continue;
            }
            if (!isCluster(entry)) {
                return false;
            }
            counts.add(entry >>> geometry.clusterBits(), 1);
            ByteBuffer block = context.read(entry, geometry.clusterBytes());
            long first = (long) i << geometry.refcountBlockBits();
            for (int j = 0; j < geometry.refcountBlockEntries(); j++) {
                if (order == 4 && (j & 3) == 0 && block.getLong(j * 2) == 0x0001_0001_0001_0001L) {
                    // By far the most frequent: four clusters with one reference each.
                    if (first + j + 4 > context.fileClusters + 1) {
                        return false;
                    }
                    byte[] page = refcounts.writablePageOf(first + j);
                    int index = (int) (first + j) & (ClusterCounts.PAGE_CLUSTERS - 1);
                    page[index] = 1;
                    page[index + 1] = 1;
                    page[index + 2] = 1;
                    page[index + 3] = 1;
                    j += 3;
                    continue;
                }
                long count = RefcountBlock.get(block, j, order);
                if (count != 0) {
                    if (first + j >= context.fileClusters + 1) {
                        return false;
                    }
                    refcounts.set(first + j, count);
                }
            }
        }
        return true;
    }

    private boolean collectTables(ClusterCounts counts) throws IOException {
        Header header = context.header;
        long total = header.l1().entries();
        for (Snapshot snapshot : snapshots.snapshots) {
            int entries = snapshot.l1().entries();
            if (entries < 0 || entries > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
                return false;
            }
            total += entries;
        }
        if (total > 1 << 22) {
            // A hostile image; a thousand snapshots of a huge disk take the exact way.
            return false;
        }
        long[] found = new long[(int) total];
        int count = collect(header.l1().hostOffset(), header.l1().entries(), true, found, 0, counts);
        for (Snapshot snapshot : snapshots.snapshots) {
            if (count >= 0) {
                count = collect(snapshot.l1().hostOffset(), snapshot.l1().entries(), false, found, count, counts);
            }
        }
        if (count < 0) {
            return false;
        }
        Arrays.sort(found, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            distinct += i == 0 || (found[i] ^ found[i - 1]) >>> 1 != 0 ? 1 : 0;
        }
        activeUses = new int[distinct];
        uses = new int[distinct];
        // In place, as tables of the largest disks take memory enough.
        int last = -1;
        for (int i = 0; i < count; i++) {
            long offset = found[i] & -2;
            int active = (int) found[i] & 1;
            if (last < 0 || found[last] != offset) {
                found[++last] = offset;
            }
            uses[last]++;
            activeUses[last] += active;
        }
        tables = distinct == found.length ? found : Arrays.copyOf(found, distinct);
        return true;
    }

    /** Adds the tables of one L1 table, marked by bit 0 when active; the new count, or -1 where an entry is unsound. */
    private int collect(long offset, int entries, boolean active, long[] found, int start, ClusterCounts counts)
            throws IOException {
        if (entries == 0) {
            return start;
        }
        if (offset <= 0 || !within(offset, (long) entries * 8) || geometry.offsetInCluster(offset) != 0) {
            return -1;
        }
        addRange(counts, offset, (long) entries * 8);
        ByteBuffer l1 = context.read(offset, entries * 8);
        int count = start;
        for (int i = 0; i < entries; i++) {
            long entry = l1.getLong(i * 8);
            if (entry == 0) {
                continue;
            }
            long l2Offset = L2Entry.hostOffset(entry);
            if ((entry & L2Entry.L1_RESERVED_MASK) != 0 || !isCluster(l2Offset)) {
                return -1;
            }
            long cluster = l2Offset >>> geometry.clusterBits();
            if (active && (refcounts.getCapped(cluster) == 1) != L2Entry.isCopied(entry)) {
                return -1;
            }
            counts.add(cluster, 1);
            found[count++] = l2Offset | (active ? 1 : 0);
        }
        return count;
    }

    private boolean countMetadata(ClusterCounts counts) throws IOException {
        // The exact counter tells what it finds wrong; a corruption here means that the exact check must run.
        CheckContext quiet = new CheckContext(context.store, context.header, Repair.NONE, line -> {});
        ReferenceCounter references = new ReferenceCounter(quiet, counts);
        references.add(0, geometry.clusterBytes());
        references.add(context.header.snapshots().hostOffset(), snapshots.tableBytes);
        ReferenceCount rest = new ReferenceCount(quiet, counts, snapshots, new WalkBudget(context));
        rest.countEncryptionHeader();
        rest.countRefcountTable();
        return rest.countBitmaps() && quiet.corruptions == 0;
    }

    private boolean equal(ClusterCounts counts) {
        long end = Math.max(counts.highest(), refcounts.highest()) + 1;
        for (long cluster = 0; cluster < end; cluster += ClusterCounts.PAGE_CLUSTERS) {
            byte[] ours = counts.pageOf(cluster);
            byte[] theirs = refcounts.pageOf(cluster);
            if (!Arrays.equals(orZero(ours), orZero(theirs))) {
                return false;
            }
        }
        return counts.sameLargeCounts(refcounts);
    }

    private static final byte[] ZERO_PAGE = new byte[ClusterCounts.PAGE_CLUSTERS];

    private static byte[] orZero(byte @Nullable [] page) {
        return page == null ? ZERO_PAGE : page;
    }

    private boolean isCluster(long offset) {
        return offset > 0 && geometry.offsetInCluster(offset) == 0 && within(offset, geometry.clusterBytes());
    }

    private boolean within(long offset, long lengthBytes) {
        return offset + lengthBytes - context.fileBytes < geometry.clusterBytes();
    }

    private void addRange(ClusterCounts counts, long offset, long lengthBytes) throws IOException {
        long last = (offset + lengthBytes - 1) >>> geometry.clusterBits();
        for (long cluster = offset >>> geometry.clusterBits(); cluster <= last; cluster++) {
            counts.add(cluster, 1);
        }
    }

    /** Takes steps of a few tables until none is left. */
    private final class Worker implements Runnable {
        final ClusterCounts counts = budget.counts();
        private final WalkBudget holes;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(geometry.clusterBytes());
        long allocated;
        long fragmented;
        long compressed;
        private @Nullable IOException failure;

        Worker() throws IOException {
            holes = new WalkBudget(context);
        }

        @Override
        public void run() {
            try {
                int start;
                while (!unsound.get() && (start = nextStep.getAndAdd(TABLES_PER_STEP)) < tables.length) {
                    int end = Math.min(start + TABLES_PER_STEP, tables.length);
                    for (int i = start; i < end; i++) {
                        if (!holes.isHole(tables[i], geometry.clusterBytes()) && !table(i)) {
                            unsound.set(true);
                            return;
                        }
                    }
                }
            } catch (IOException e) {
                failure = e;
                unsound.set(true);
            }
        }

        void throwFailure() throws IOException {
            if (failure != null) {
                throw failure;
            }
        }

        private boolean table(int index) throws IOException {
            buffer.clear();
            context.store.readZeroPadded(tables[index], buffer);
            int all = uses[index];
            int active = activeUses[index];
            int clusterBytes = geometry.clusterBytes();
            int clusterBits = geometry.clusterBits();
            boolean extended = geometry.extendedL2();
            int entryBytes = geometry.l2EntryBytes();
            long lastOffset = context.fileBytes;
            long pageNumber = -1;
            byte[] countPage = ZERO_PAGE;
            byte[] refcountPage = ZERO_PAGE;
            long next = 0;
            long used = 0;
            long jumps = 0;
            for (int at = 0; at < clusterBytes; at += entryBytes) {
                long entry = buffer.getLong(at);
                long bitmap = extended ? buffer.getLong(at + 8) : 0;
                if (entry == 0 && (bitmap & L2Entry.ALL_ALLOCATED) == 0) {
                    continue;
                }
                if (L2Entry.isCompressed(entry)) {
                    if (!countCompressed(entry, bitmap, all)) {
                        return false;
                    }
                    compressed += active;
                    allocated += active;
                    fragmented += active;
                    continue;
                }
                long offset = entry & L2Entry.OFFSET_MASK;
                if ((entry & L2Entry.RESERVED_MASK) != 0
                        || (bitmap >>> 32 & bitmap) != 0
                        || (offset & (clusterBytes - 1)) != 0) {
                    return false;
                }
                ClusterType type = ClusterType.of(entry, extended, dataFile);
                if (type == ClusterType.ZERO_PLAIN) {
                    continue;
                }
                if (type == ClusterType.UNALLOCATED) {
                    return false;
                }
                if (!dataFile) {
                    long cluster = offset >>> clusterBits;
                    if (offset >= lastOffset) {
                        return false;
                    }
                    long number = cluster >>> ClusterCounts.PAGE_BITS;
                    if (number != pageNumber) {
                        pageNumber = number;
                        countPage = counts.writablePageOf(cluster);
                        refcountPage = orZero(refcounts.pageOf(cluster));
                    }
                    int slot = (int) cluster & (ClusterCounts.PAGE_CLUSTERS - 1);
                    if (active != 0 && (refcountPage[slot] == 1) != entry < 0) {
                        return false;
                    }
                    int count = (countPage[slot] & 0xff) + all;
                    if (count < ClusterCounts.LARGE) {
                        countPage[slot] = (byte) count;
                    } else {
                        counts.add(cluster, all);
                    }
                } else if (active != 0 && entry >= 0) {
                    return false;
                }
                used++;
                if (next != 0 && offset != next) {
                    jumps++;
                }
                next = offset + clusterBytes;
            }
            allocated += used * active;
            fragmented += jumps * active;
            return true;
        }

        private boolean countCompressed(long entry, long bitmap, int all) throws IOException {
            if (L2Entry.isCopied(entry) || dataFile || bitmap != 0) {
                return false;
            }
            long offset = L2Entry.compressedHostOffset(entry, geometry.clusterBits());
            int length = L2Entry.compressedLengthBytes(entry, geometry.clusterBits());
            if (!within(offset, length)) {
                return false;
            }
            long last = (offset + length - 1) >>> geometry.clusterBits();
            for (long cluster = offset >>> geometry.clusterBits(); cluster <= last; cluster++) {
                counts.add(cluster, all);
            }
            return true;
        }
    }
}
