// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks an image in the hope that nothing is wrong with it: each L2 table is read once, however many L1 tables name it,
 * by several threads, and the copied flags are checked on the way. The first thing that is not as it should be ends the
 * check without an answer, and the exact one begins.
 */
final class SoundImageCheck {
    private static final int MAX_THREADS = 4;

    private final CheckContext context;
    private final ClusterGeometry geometry;
    private final SnapshotScan snapshots;
    private final StoredRefcounts stored;
    private final WalkBudget budget;
    private final ClusterCounts refcounts;

    SoundImageCheck(CheckContext context, SnapshotScan snapshots, StoredRefcounts stored) throws IOException {
        budget = new WalkBudget(context);
        refcounts = budget.counts();
        this.context = context;
        this.snapshots = snapshots;
        this.stored = stored;
        geometry = context.geometry;
    }

    /** True when the image is sound; the context then holds the numbers. */
    boolean run() throws IOException {
        ClusterCounts counts = budget.counts();
        boolean dataFile = context.header.features().hasDataFile();
        if ((dataFile && !snapshots.snapshots.isEmpty()) || !loadRefcounts(counts)) {
            return false;
        }
        TableUses tables = TableUses.collect(context, snapshots, refcounts, counts);
        if (tables == null) {
            return false;
        }
        SoundTableWorker.Steps steps = new SoundTableWorker.Steps(tables);
        List<SoundTableWorker> workers = new ArrayList<>();
        int threads = threads(steps);
        for (int i = 0; i < threads; i++) {
            // The first has nobody beside it that reads these.
            workers.add(new SoundTableWorker(context, refcounts, i == 0 ? counts : budget.counts(), steps));
        }
        List<Thread> helpers = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            Thread thread = new Thread(workers.get(i), "check-" + i);
            thread.start();
            helpers.add(thread);
        }
        workers.get(0).run();
        awaitAll(helpers);
        for (SoundTableWorker worker : workers) {
            worker.throwFailure();
        }
        if (steps.unsound.get()) {
            return false;
        }
        long allocated = 0;
        long fragmented = 0;
        long compressed = 0;
        for (SoundTableWorker worker : workers) {
            if (worker.counts != counts) {
                counts.addAll(worker.counts);
            }
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

    /** Each but the first counts for itself, so a machine with many processors must not need more memory than another. */
    private int threads(SoundTableWorker.Steps steps) {
        int useful = Math.min(Runtime.getRuntime().availableProcessors(), steps.count());
        return Math.max(1, Math.min(Math.min(MAX_THREADS, useful), budget.countsAtATime() - 1));
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
            if (!context.isCluster(entry)) {
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

    static final byte[] ZERO_PAGE = new byte[ClusterCounts.PAGE_CLUSTERS];

    static byte[] orZero(byte @Nullable [] page) {
        return page == null ? ZERO_PAGE : page;
    }
}
