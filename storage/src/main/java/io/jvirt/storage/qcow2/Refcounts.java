// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes and gives back host clusters: finds free ones, keeps their counts ({@link RefcountSlices}) and gives each region of the
 * file its refcount block. A region is the run of clusters that one block counts. Guarded by the image's table lock.
 */
final class Refcounts {
    /** L1 and L2 entries have 56 bits for host offsets. */
    private static final long MAX_HOST_BYTES = 1L << 56;

    /** So many clusters behind the end of the file are searched for a free one before the counts are held for wrong. */
    private static final long SEARCH_BEYOND_END = 1 << 20;

    private final Tables tables;
    private final ByteStore file;
    private final ClusterGeometry geometry;
    private final RefcountSlices slices;
    private final RefcountTable table;
    private long freeHint;
    private long highWaterBytes;

    /** While the counts are rewritten elsewhere, else null. */
    private @Nullable RefcountRewrite rewrite;

    private Refcounts(Tables tables, RefcountTable table, long fileBytes) {
        this.tables = tables;
        this.file = tables.file;
        this.geometry = tables.geometry;
        this.table = table;
        this.slices = new RefcountSlices(file, geometry, tables::checkpoint);
        this.highWaterBytes = geometry.alignUp(fileBytes);
    }

    static Refcounts open(Tables tables) throws IOException {
        return new Refcounts(tables, RefcountTable.open(tables), tables.file.sizeBytes());
    }

    /** Where all that this image has ever held ends: what is allocated beyond reads as zeros. */
    long highWaterBytes() {
        return highWaterBytes;
    }

    /** The file was cut off here. */
    void lowerHighWater(long bytes) {
        highWaterBytes = bytes;
    }

    RefcountTable table() {
        return table;
    }

    long get(long cluster) throws IOException {
        return slices.get(table, cluster);
    }

    /** The first cluster of a run that nothing counts, or not once more; the end of the run where there is none. */
    long firstWithoutRoom(long firstCluster, long clusters) throws IOException {
        return slices.firstWithoutRoom(table, firstCluster, clusters);
    }

    /** While the counts are rewritten, what only the old ones use is not free either: the disk still refers to it. */
    private boolean isFree(long cluster) throws IOException {
        return get(cluster) == 0 && (rewrite == null || slices.get(rewrite.onDisk(), cluster) == 0);
    }

    /** How many clusters from this one on are free, or in use: at least one if it is, at most those of a slice. */
    private long run(boolean free, long cluster, long limit) throws IOException {
        if (rewrite != null) {
            return isFree(cluster) == free ? 1 : 0;
        }
        return slices.run(table, free, cluster, limit);
    }

    private long region(long cluster) {
        return cluster >>> geometry.refcountBlockBits();
    }

    /** Adds to the counts of a run. A count that would leave its width is an error and changes nothing of that cluster. */
    void add(long firstCluster, long clusters, int delta) throws IOException {
        long end = firstCluster + clusters;
        for (long cluster = firstCluster; cluster < end; ) {
            ensureBlock(cluster);
            if (rewrite != null) {
                rewrite.beforeChange((int) region(cluster));
            }
            cluster = slices.add(table, cluster, end, delta, this::freed);
        }
    }

    private void freed(long cluster) {
        if (rewrite == null) {
            freeHint = Math.min(freeHint, cluster);
        } else {
            rewrite.freed(cluster);
        }
    }

    /** A run of clusters with refcount one, for the caller alone: at least one, at most as many as wanted. */
    long[] allocateRun(long wanted) throws IOException {
        while (true) {
            long first = nextFree(freeHint);
            long region = region(first);
            if (!table.hasBlock(region)) {
                addBlock(region, first);
                continue;
            }
            long end = Math.min(first + wanted, (region + 1) << geometry.refcountBlockBits());
            long count = 1;
            for (long more = 1; more > 0 && first + count < end; count += more) {
                more = run(true, first + count, end - first - count);
            }
            take(first, count);
            freeHint = first + count;
            return new long[] {first << geometry.clusterBits(), count};
        }
    }

    /** Takes this very cluster if it is free and its region has a block. */
    boolean allocateAt(long cluster) throws IOException {
        if (!isCovered(cluster) || !isFree(cluster)) {
            return false;
        }
        take(cluster, 1);
        return true;
    }

    /** Contiguous clusters for a table; their host offset. */
    long allocateTable(long clusters) throws IOException {
        long first = nextFreeRun(clusters);
        long lastRegion = region(first + clusters - 1);
        if (!areBlocksThere(region(first), lastRegion)) {
            // With room for the blocks behind it, as it has to stay in one piece.
            first = nextFreeRun(clusters + (clusters >>> geometry.refcountBlockBits()) + 3);
            addBlocks(first, clusters);
        }
        take(first, clusters);
        return first << geometry.clusterBits();
    }

    private boolean areBlocksThere(long firstRegion, long lastRegion) throws IOException {
        for (long region = firstRegion; region <= lastRegion; region++) {
            if (!table.hasBlock(region)) {
                return false;
            }
        }
        return true;
    }

    private void addBlocks(long first, long clusters) throws IOException {
        long after = first + clusters;
        for (long region = region(first); region <= region(first + clusters - 1); region++) {
            if (!table.hasBlock(region)) {
                after = nextFree(after);
                addBlock(region, after++);
            }
        }
    }

    /** The next free cluster, which later searches pass over although it is not taken yet. */
    long reserve() throws IOException {
        long cluster = nextFree(freeHint);
        freeHint = cluster + 1;
        return cluster;
    }

    void take(long first, long count) throws IOException {
        int bits = geometry.clusterBits();
        if (first + count > MAX_HOST_BYTES >>> bits) {
            throw new StorageException("'" + file.name() + "' cannot grow beyond 2^56 bytes");
        }
        if (rewrite != null) {
            // To count these, blocks may have to move: not to here.
            freeHint = Math.max(freeHint, first + count);
        }
        // A cluster that is free by its count and holds a table means that the counts are wrong.
        tables.metadata().check(first << bits, count << bits);
        add(first, count, 1);
        highWaterBytes = Math.max(highWaterBytes, (first + count) << bits);
    }

    private long nextFree(long from) throws IOException {
        long end = Math.max(from, geometry.clustersFor(file.sizeBytes())) + SEARCH_BEYOND_END;
        for (long cluster = from; cluster < end; ) {
            long used = run(false, cluster, end - cluster);
            if (used == 0) {
                return cluster;
            }
            cluster += used;
        }
        throw new CorruptImageException(
                "No free cluster found",
                file.name(),
                "refcounts of clusters behind the end of the file",
                table.location().hostOffset(),
                "0",
                "in use up to cluster " + end);
    }

    private long nextFreeRun(long length) throws IOException {
        long first = nextFree(freeHint);
        freeHint = first;
        long count = 1;
        while (count < length) {
            long next = first + count;
            long region = region(next);
            if (region >= table.length()) {
                break;
            }
            long free = run(true, next, length - count);
            count += free;
            if (free == 0) {
                first = nextFree(next);
                count = 1;
            }
        }
        return first;
    }

    /** Whether a refcount block is there for a cluster; every cluster in use has one in a sound image. */
    boolean isCovered(long cluster) throws IOException {
        return table.hasBlock(region(cluster));
    }

    /** Whether no refcount table that may be reaches to a cluster. */
    boolean isBeyondTable(long cluster) {
        return region(cluster) >= Header.MAX_REFCOUNT_TABLE_BYTES / Long.BYTES;
    }

    private void ensureBlock(long cluster) throws IOException {
        long region = region(cluster);
        if (!table.hasBlock(region)) {
            // Behind the cluster: before it may lie the run of a table that is about to be taken.
            addBlock(region, nextFree(Math.max(freeHint, cluster + 1)));
        }
    }

    /** Gives a region its block, at a free cluster that may lie in the region itself. */
    private void addBlock(long region, long cluster) throws IOException {
        long hostOffset = cluster << geometry.clusterBits();
        // Read before the table names the new block, which it would otherwise refuse to have taken.
        MetadataClusters metadata = tables.metadata();
        forgetBlock(hostOffset);
        writeZeros(hostOffset);
        table.setBlock(region, hostOffset);
        if (rewrite != null) {
            rewrite.isNew((int) region);
        }
        take(cluster, 1);
        metadata.add(hostOffset);
    }

    private void writeZeros(long hostOffset) throws IOException {
        file.write(hostOffset, ByteBuffer.allocate(geometry.clusterBytes()));
    }

    /**
     * Has the table name no block any more that counts nothing but its own place. Their places are free once the table is
     * on disk, which the caller sees to; answers whether there were any.
     */
    boolean dropEmptyBlocks() throws IOException {
        boolean dropped = false;
        for (int region = table.length() - 1; region >= 0; region--) {
            long block = table.block(region);
            if (block == 0 || !countsNothing(region, block >>> geometry.clusterBits())) {
                continue;
            }
            long own = block >>> geometry.clusterBits();
            forgetBlock(block);
            table.setBlock(region, 0);
            dropped = true;
            if (region(own) == region) {
                tables.metadata().remove(own, 1);
            } else {
                tables.releases.table(block, 1);
            }
        }
        return dropped;
    }

    private boolean countsNothing(int region, long own) throws IOException {
        long first = (long) region << geometry.refcountBlockBits();
        for (long cluster = first; cluster < first + geometry.refcountBlockEntries(); cluster++) {
            if (cluster != own && get(cluster) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Finds room for a table that has grown or has to move; answers the place that it had, whose clusters the caller releases. */
    TableLocation placeTable() throws IOException {
        TableLocation previous = table.location();
        while (true) {
            int clusters = table.clusters();
            long hostOffset = allocateTable(clusters);
            if (table.clusters() == clusters) {
                table.place(hostOffset);
                return previous;
            }
            // Blocks that count the new place made it grow again.
            add(hostOffset >>> geometry.clusterBits(), clusters, -1);
        }
    }

    boolean areBlocksDirty() {
        return slices.isDirty();
    }

    void writeBlocks() throws IOException {
        slices.writeDirty();
    }

    /** What was cached of a cluster that becomes a block. */
    void forgetBlock(long hostOffset) {
        slices.forget(hostOffset);
    }

    /** From now on counts change in copies of their blocks, until {@link #endRewrite}. Nothing may be waiting to be written. */
    RefcountRewrite beginRewrite() throws IOException {
        // Read before the table names new places, which it would otherwise refuse to have taken.
        tables.metadata();
        RefcountRewrite begun = new RefcountRewrite(tables, this, freeHint);
        rewrite = begun;
        return begun;
    }

    boolean isRewriting() {
        return rewrite != null;
    }

    /** The header names the new counts. */
    void endRewrite() {
        if (rewrite != null) {
            freeHint = rewrite.lowestFreed();
            rewrite = null;
        }
    }
}
