// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often each host cluster is used, and finds free ones. A region is the run of clusters that one refcount
 * block counts. Guarded by the image's table lock.
 *
 * <p>One class, because counting, finding room and moving the blocks and their table call each other: a block that moves takes
 * a cluster, which is counted in a block that may have to move.
 */
final class Refcounts {
    /** Bits 0-8 of a refcount table entry are reserved. */
    private static final long RESERVED_MASK = 0x1ff;

    private static final int MAX_CACHED_BYTES = 8 << 20;

    /** L1 and L2 entries have 56 bits for host offsets. */
    private static final long MAX_HOST_BYTES = 1L << 56;

    /** So many clusters behind the end of the file are searched for a free one before the counts are held for wrong. */
    private static final long SEARCH_BEYOND_END = 1 << 20;

    private final Tables tables;
    private final ByteStore file;
    private final ClusterGeometry geometry;
    private final TableCache blocks;
    private long[] table;
    private TableLocation location;
    private int dirtyFrom = Integer.MAX_VALUE;
    private int dirtyTo = -1;
    private boolean moved;
    private long freeHint;
    private long highWaterBytes;

    /** While the counts are rewritten elsewhere: what the header names until then, else null. */
    private long @Nullable [] tableOnDisk;

    /** The regions whose blocks have their new place. */
    private final BitSet rewritten = new BitSet();

    /** Places of blocks and tables that the rewritten counts do without. */
    private final ArrayDeque<TableLocation> given = new ArrayDeque<>();

    private long lowestFreed;

    private Refcounts(Tables tables, long[] table, long fileBytes) {
        this.tables = tables;
        this.file = tables.file;
        this.geometry = tables.geometry;
        this.table = table;
        this.location = tables.header().refcountTable();
        int sliceBytes = Math.min(geometry.clusterBytes(), Tables.MAX_SLICE_BYTES);
        this.blocks =
                new TableCache(file, sliceBytes, MAX_CACHED_BYTES / Math.max(sliceBytes, 4096), tables::checkpoint);
        this.highWaterBytes = geometry.alignUp(fileBytes);
    }

    static Refcounts open(Tables tables) throws IOException {
        ByteStore file = tables.file;
        TableLocation location = tables.header().refcountTable();
        long bytes = (long) location.entries() << tables.geometry.clusterBits();
        if (location.hostOffset() == 0 || location.hostOffset() >= file.sizeBytes()) {
            throw new CorruptImageException(
                    "Could not read reference count table",
                    file.name(),
                    "refcount table offset",
                    48,
                    "an offset within the file of " + file.sizeBytes() + " bytes",
                    Long.toString(location.hostOffset()));
        }
        long[] table = Tables.readTable(file, location.hostOffset(), (int) (bytes / 8));
        return new Refcounts(tables, table, file.sizeBytes());
    }

    /** Where all that this image has ever held ends: what is allocated beyond reads as zeros. */
    long highWaterBytes() {
        return highWaterBytes;
    }

    /** The file was cut off here. */
    void lowerHighWater(long bytes) {
        highWaterBytes = bytes;
    }

    TableLocation location() {
        return location;
    }

    long[] table() {
        return table;
    }

    long get(long cluster) throws IOException {
        return get(table, cluster);
    }

    private long get(long[] counts, long cluster) throws IOException {
        long region = cluster >>> geometry.refcountBlockBits();
        if (region >= counts.length || blockOffset(counts, (int) region) == 0) {
            return 0;
        }
        TableCache.Slice slice = slice(counts, cluster);
        return RefcountBlock.get(slice.bytes, indexInSlice(cluster), geometry.refcountOrder());
    }

    /** While the counts are rewritten, what only the old ones use is not free either: the disk still refers to it. */
    private boolean isFree(long cluster) throws IOException {
        return get(cluster) == 0 && (tableOnDisk == null || get(tableOnDisk, cluster) == 0);
    }

    private long blockOffset(int region) throws IOException {
        return blockOffset(table, region);
    }

    private long blockOffset(long[] counts, int region) throws IOException {
        long entry = counts[region];
        if ((entry & RESERVED_MASK) != 0 || geometry.offsetInCluster(entry) != 0 || entry < 0) {
            throw new CorruptImageException(
                    "Refblock offset " + Long.toHexString(entry) + " unaligned (reftable index: " + region + ")",
                    file.name(),
                    "refcount table entry " + region,
                    location.hostOffset() + region * 8L,
                    "a multiple of " + geometry.clusterBytes(),
                    "0x" + Long.toHexString(entry));
        }
        return entry;
    }

    private TableCache.Slice slice(long[] counts, long cluster) throws IOException {
        long block = blockOffset(counts, (int) (cluster >>> geometry.refcountBlockBits()));
        long byteInBlock = (cluster & (geometry.refcountBlockEntries() - 1)) << geometry.refcountOrder() >>> 3;
        return blocks.get(block + (byteInBlock & -blocks.sliceBytes()));
    }

    private int entriesPerSlice() {
        return (blocks.sliceBytes() * 8) >>> geometry.refcountOrder();
    }

    private int indexInSlice(long cluster) {
        return (int) (cluster & (entriesPerSlice() - 1));
    }

    /** Adds to the counts of a run. A count that would leave its width is an error and changes nothing of that cluster. */
    void add(long firstCluster, long clusters, int delta) throws IOException {
        for (long cluster = firstCluster; cluster < firstCluster + clusters; cluster++) {
            ensureBlock(cluster);
            if (tableOnDisk != null) {
                rewrite((int) (cluster >>> geometry.refcountBlockBits()));
            }
            TableCache.Slice slice = slice(table, cluster);
            int index = indexInSlice(cluster);
            long count = RefcountBlock.get(slice.bytes, index, geometry.refcountOrder()) + delta;
            if (count < 0 || count > geometry.maxRefcount()) {
                throw new CorruptImageException(
                        count < 0 ? "Refcount of a cluster in use is zero" : "Refcount is at its limit",
                        file.name(),
                        "refcount of cluster " + cluster,
                        slice.hostOffset,
                        "0 to " + geometry.maxRefcount() + " after adding " + delta,
                        Long.toString(count));
            }
            RefcountBlock.set(slice.bytes, index, geometry.refcountOrder(), count);
            blocks.markDirty(slice);
            if (count == 0) {
                lowestFreed = Math.min(lowestFreed, cluster);
                freeHint = tableOnDisk == null ? Math.min(freeHint, cluster) : freeHint;
            }
        }
    }

    /** A run of clusters with refcount one, for the caller alone: at least one, at most as many as wanted. */
    long[] allocateRun(long wanted) throws IOException {
        while (true) {
            long first = nextFree(freeHint);
            long region = first >>> geometry.refcountBlockBits();
            if (!hasBlock(region)) {
                addBlock(region, first);
                continue;
            }
            long end = Math.min(first + wanted, (region + 1) << geometry.refcountBlockBits());
            long count = 1;
            while (first + count < end && isFree(first + count)) {
                count++;
            }
            take(first, count);
            freeHint = first + count;
            return new long[] {first << geometry.clusterBits(), count};
        }
    }

    /** Takes this very cluster if it is free and its region has a block. */
    boolean allocateAt(long cluster) throws IOException {
        if (!hasBlock(cluster >>> geometry.refcountBlockBits()) || !isFree(cluster)) {
            return false;
        }
        take(cluster, 1);
        return true;
    }

    /** Contiguous clusters for a table; their host offset. */
    long allocateTable(long clusters) throws IOException {
        long slack = (clusters >>> geometry.refcountBlockBits()) + 3;
        long first = nextFreeRun(clusters + slack);
        // Blocks for the regions of the run go behind it, as it has to stay in one piece.
        long after = first + clusters;
        for (long region = first >>> geometry.refcountBlockBits();
                region <= (first + clusters - 1) >>> geometry.refcountBlockBits();
                region++) {
            if (!hasBlock(region)) {
                after = nextFree(after);
                addBlock(region, after++);
            }
        }
        take(first, clusters);
        return first << geometry.clusterBits();
    }

    private void take(long first, long count) throws IOException {
        int bits = geometry.clusterBits();
        if (first + count > MAX_HOST_BYTES >>> bits) {
            throw new StorageException("'" + file.name() + "' cannot grow beyond 2^56 bytes");
        }
        if (tableOnDisk != null) {
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
        for (long cluster = from; cluster < end; cluster++) {
            if (isFree(cluster)) {
                return cluster;
            }
        }
        throw new CorruptImageException(
                "No free cluster found",
                file.name(),
                "refcounts of clusters behind the end of the file",
                location.hostOffset(),
                "0",
                "in use up to cluster " + end);
    }

    private long nextFreeRun(long length) throws IOException {
        long first = nextFree(freeHint);
        long count = 1;
        while (count < length) {
            long next = first + count;
            long region = next >>> geometry.refcountBlockBits();
            if (region >= table.length) {
                break;
            }
            if (isFree(next)) {
                count++;
            } else {
                first = nextFree(next);
                count = 1;
            }
        }
        return first;
    }

    /** Whether a refcount block is there for a cluster; every cluster in use has one in a sound image. */
    boolean isCovered(long cluster) throws IOException {
        return hasBlock(cluster >>> geometry.refcountBlockBits());
    }

    /** Whether no refcount table that may be reaches to a cluster. */
    boolean isBeyondTable(long cluster) {
        return cluster >>> geometry.refcountBlockBits() >= Header.MAX_REFCOUNT_TABLE_BYTES / Long.BYTES;
    }

    private boolean hasBlock(long region) throws IOException {
        return region < table.length && blockOffset((int) region) != 0;
    }

    private void ensureBlock(long cluster) throws IOException {
        long region = cluster >>> geometry.refcountBlockBits();
        if (!hasBlock(region)) {
            // Behind the cluster: before it may lie the run of a table that is about to be taken.
            addBlock(region, nextFree(Math.max(freeHint, cluster + 1)));
        }
    }

    /** Gives a region its block, at a free cluster that may lie in the region itself. */
    private void addBlock(long region, long cluster) throws IOException {
        if (region >= table.length) {
            growTable(region + 1);
        }
        long hostOffset = cluster << geometry.clusterBits();
        // Read before the table names the new block, which it would otherwise refuse to have taken.
        MetadataClusters metadata = tables.metadata();
        writeZeros(hostOffset);
        table[(int) region] = hostOffset;
        if (tableOnDisk != null) {
            rewritten.set((int) region);
        }
        dirtyFrom = (int) Math.min(dirtyFrom, region);
        dirtyTo = (int) Math.max(dirtyTo, region);
        take(cluster, 1);
        metadata.add(hostOffset);
    }

    private void writeZeros(long hostOffset) throws IOException {
        file.write(hostOffset, ByteBuffer.allocate(geometry.clusterBytes()));
    }

    /** A larger table in memory; {@link #placeTable} gives it a place in the file. */
    private void growTable(long neededEntries) throws IOException {
        long entries = Math.max(neededEntries, table.length + (table.length >> 1));
        long clusters = geometry.clustersFor(entries * 8);
        long max = Math.max(1, Header.MAX_REFCOUNT_TABLE_BYTES >> geometry.clusterBits());
        if (clusters > max) {
            clusters = geometry.clustersFor(neededEntries * 8);
        }
        if (clusters > max) {
            throw new StorageException(
                    "'" + file.name() + "' cannot grow: its refcount table would be larger than "
                            + Header.MAX_REFCOUNT_TABLE_BYTES + " bytes",
                    "convert it to a larger cluster size");
        }
        table = Arrays.copyOf(table, (int) (clusters << geometry.clusterBits() >> 3));
        moved = true;
    }

    /**
     * Has the table name no block any more that counts nothing but its own place. Their places are free once the table is
     * on disk, which the caller sees to; answers whether there were any.
     */
    boolean dropEmptyBlocks() throws IOException {
        boolean dropped = false;
        for (int region = table.length - 1; region >= 0; region--) {
            long block = blockOffset(region);
            if (block == 0 || !countsNothing(region, block >>> geometry.clusterBits())) {
                continue;
            }
            long own = block >>> geometry.clusterBits();
            blocks.forget(block, geometry.clusterBytes());
            table[region] = 0;
            dirtyFrom = Math.min(dirtyFrom, region);
            dirtyTo = Math.max(dirtyTo, region);
            dropped = true;
            if (own >>> geometry.refcountBlockBits() == region) {
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

    boolean needsPlace() {
        return moved;
    }

    /** Allocates room for a table that has grown; what the header names stays as it is until {@link #writeTable}. */
    private TableLocation placeTable() throws IOException {
        TableLocation previous = location;
        int clusters;
        long hostOffset;
        do {
            moved = false;
            clusters = table.length >> (geometry.clusterBits() - 3);
            hostOffset = allocateTable(clusters);
        } while (moved);
        location = new TableLocation(hostOffset, clusters);
        return previous;
    }

    /** Where a table that has grown goes; answers the place that it had, whose clusters the caller releases. */
    TableLocation place() throws IOException {
        TableLocation previous = placeTable();
        dirtyFrom = 0;
        dirtyTo = table.length - 1;
        return previous;
    }

    boolean areBlocksDirty() {
        return blocks.isDirty();
    }

    void writeBlocks() throws IOException {
        blocks.writeDirty();
    }

    boolean isTableDirty() {
        return dirtyTo >= dirtyFrom;
    }

    /** Writes the changed entries; the blocks they name are on disk already. */
    void writeTable() throws IOException {
        Tables.writeEntries(file, location.hostOffset(), table, dirtyFrom, dirtyTo);
        dirtyFrom = Integer.MAX_VALUE;
        dirtyTo = -1;
    }

    /**
     * From now on counts change in copies of their blocks, which {@link #finishRewrite} gives a table of their own. Until
     * the header names that, the disk counts as before. Nothing may be waiting to be written.
     */
    void beginRewrite() throws IOException {
        // Read before the table names new places, which it would otherwise refuse to have taken.
        tables.metadata();
        tableOnDisk = table.clone();
        rewritten.clear();
        lowestFreed = freeHint;
    }

    boolean isRewriting() {
        return tableOnDisk != null;
    }

    /** Gives a block its new place before it changes for the first time. */
    private void rewrite(int region) throws IOException {
        if (rewritten.get(region)) {
            return;
        }
        rewritten.set(region);
        long old = blockOffset(region);
        long cluster = nextFree(freeHint);
        // Before its own count is written, which may lie in a block that has to move as well.
        freeHint = cluster + 1;
        long hostOffset = cluster << geometry.clusterBits();
        ByteBuffer block = ByteBuffer.allocate(geometry.clusterBytes());
        file.readZeroPadded(old, block);
        blocks.forget(hostOffset, geometry.clusterBytes());
        file.write(hostOffset, block.clear());
        table[region] = hostOffset;
        given.add(new TableLocation(old, 1));
        take(cluster, 1);
    }

    /** Finds room for the new table, and gives up what the old counts took. */
    void placeRewritten() throws IOException {
        given.add(location);
        moved = true;
        settle();
    }

    private void settle() throws IOException {
        do {
            while (!given.isEmpty()) {
                TableLocation unused = given.remove();
                add(unused.hostOffset() >>> geometry.clusterBits(), unused.entries(), -1);
            }
            if (moved) {
                TableLocation previous = placeTable();
                if (previous.hostOffset() != tables.header().refcountTable().hostOffset()) {
                    // It grew after it had got its place.
                    given.add(previous);
                }
            }
        } while (moved || !given.isEmpty());
    }

    /** Writes the new blocks and their table; the caller syncs, then has the header name {@link #location}. */
    void finishRewrite() throws IOException {
        settle();
        dirtyFrom = 0;
        dirtyTo = table.length - 1;
        writeBlocks();
        writeTable();
    }

    /** The header names the new counts. */
    void endRewrite() {
        tableOnDisk = null;
        rewritten.clear();
        freeHint = lowestFreed;
    }
}
