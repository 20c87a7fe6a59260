// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Takes steps of a few tables until none is left. */
final class SoundTableWorker implements Runnable {
    private static final int TABLES_PER_STEP = 8;

    final ClusterCounts counts;
    private final CheckContext context;
    private final ClusterGeometry geometry;
    private final boolean dataFile;
    private final ClusterCounts refcounts;
    private final Steps steps;
    private final WalkBudget holes;
    private final ByteBuffer buffer;
    long allocated;
    long fragmented;
    long compressed;
    private @Nullable IOException failure;

    /** What the workers of one check share: the tables, which of them is next, and whether one was found unsound. */
    static final class Steps {
        final TableUses tables;
        final AtomicBoolean unsound = new AtomicBoolean();
        private final AtomicInteger next = new AtomicInteger();

        Steps(TableUses tables) {
            this.tables = tables;
        }

        int count() {
            return 1 + tables.offsets.length / TABLES_PER_STEP;
        }
    }

    /** Adds to {@code counts}, which no other worker has. */
    SoundTableWorker(CheckContext context, ClusterCounts refcounts, ClusterCounts counts, Steps steps)
            throws IOException {
        this.context = context;
        this.refcounts = refcounts;
        this.counts = counts;
        this.steps = steps;
        geometry = context.geometry;
        dataFile = context.header.features().hasDataFile();
        holes = new WalkBudget(context);
        buffer = PageBuffer.allocate(geometry.clusterBytes());
    }

    @Override
    public void run() {
        try {
            int start;
            long[] tables = steps.tables.offsets;
            while (!steps.unsound.get() && (start = steps.next.getAndAdd(TABLES_PER_STEP)) < tables.length) {
                int end = Math.min(start + TABLES_PER_STEP, tables.length);
                for (int i = start; i < end; i++) {
                    if (!holes.isHole(tables[i], geometry.clusterBytes()) && !table(i)) {
                        steps.unsound.set(true);
                        return;
                    }
                }
            }
        } catch (IOException e) {
            failure = e;
            steps.unsound.set(true);
        }
    }

    void throwFailure() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    private boolean table(int index) throws IOException {
        buffer.clear();
        context.store.readZeroPadded(steps.tables.offsets[index], buffer);
        int all = steps.tables.all[index];
        int active = steps.tables.active[index];
        int clusterBytes = geometry.clusterBytes();
        int clusterBits = geometry.clusterBits();
        boolean extended = geometry.extendedL2();
        int entryBytes = geometry.l2EntryBytes();
        long lastOffset = context.fileBytes;
        long pageNumber = -1;
        byte[] countPage = SoundImageCheck.ZERO_PAGE;
        byte[] refcountPage = SoundImageCheck.ZERO_PAGE;
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
                    refcountPage = SoundImageCheck.orZero(refcounts.pageOf(cluster));
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
        if (!context.isWithin(offset, length)) {
            return false;
        }
        long last = (offset + length - 1) >>> geometry.clusterBits();
        for (long cluster = offset >>> geometry.clusterBits(); cluster <= last; cluster++) {
            counts.add(cluster, all);
        }
        return true;
    }
}
