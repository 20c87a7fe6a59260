// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * The counts in refcount blocks, read, searched and changed a slice of a block at a time. Which block counts a cluster is the
 * table's to say. Guarded by the image's table lock.
 */
final class RefcountSlices {
    private static final int MAX_CACHED_BYTES = 8 << 20;

    private final ByteStore file;
    private final ClusterGeometry geometry;
    private final TableCache cache;
    private final int entriesPerSlice;

    RefcountSlices(ByteStore file, ClusterGeometry geometry, TableCache.WriteBack writeBack) {
        this.file = file;
        this.geometry = geometry;
        int sliceBytes = Math.min(geometry.clusterBytes(), Tables.MAX_SLICE_BYTES);
        this.cache = new TableCache(file, sliceBytes, MAX_CACHED_BYTES / Math.max(sliceBytes, 4096), writeBack);
        this.entriesPerSlice = (sliceBytes * 8) >>> geometry.refcountOrder();
    }

    /** Zero where the region has no block. */
    long get(RefcountTable table, long cluster) throws IOException {
        if (!table.hasBlock(region(cluster))) {
            return 0;
        }
        return RefcountBlock.get(slice(table, cluster).bytes, indexInSlice(cluster), geometry.refcountOrder());
    }

    /** The first cluster of a run that nothing counts, or not once more; the end of the run where there is none. */
    long firstWithoutRoom(RefcountTable table, long firstCluster, long clusters) throws IOException {
        long max = geometry.maxRefcount();
        long end = firstCluster + clusters;
        for (long cluster = firstCluster; cluster < end; ) {
            if (!table.hasBlock(region(cluster))) {
                return cluster;
            }
            ByteBuffer counts = slice(table, cluster).bytes;
            long sliceEnd = sliceEnd(cluster, end);
            for (; cluster < sliceEnd; cluster++) {
                if (RefcountBlock.get(counts, indexInSlice(cluster), geometry.refcountOrder()) >= max) {
                    return cluster;
                }
            }
        }
        return end;
    }

    /** How many clusters from this one on are free, or in use: at least one if it is, at most those of a slice or of a region. */
    long run(RefcountTable table, boolean free, long cluster, long limit) throws IOException {
        if (!table.hasBlock(region(cluster))) {
            long inRegion = geometry.refcountBlockEntries() - (cluster & (geometry.refcountBlockEntries() - 1));
            return free ? Math.min(limit, inRegion) : 0;
        }
        ByteBuffer counts = slice(table, cluster).bytes;
        int first = indexInSlice(cluster);
        int end = (int) Math.min(entriesPerSlice, first + limit);
        int index = first;
        while (index < end && (RefcountBlock.get(counts, index, geometry.refcountOrder()) == 0) == free) {
            index++;
        }
        return index - first;
    }

    /**
     * Adds to the counts of a run, as far as one slice has them; answers where it ended. A count that would leave its width is an
     * error and changes nothing of that cluster.
     */
    long add(RefcountTable table, long firstCluster, long end, int delta, LongConsumer freed) throws IOException {
        TableCache.Slice slice = slice(table, firstCluster);
        int order = geometry.refcountOrder();
        long max = geometry.maxRefcount();
        long sliceEnd = sliceEnd(firstCluster, end);
        cache.markDirty(slice);
        for (long cluster = firstCluster; cluster < sliceEnd; cluster++) {
            int index = indexInSlice(cluster);
            long count = RefcountBlock.get(slice.bytes, index, order) + delta;
            if (count < 0 || count > max) {
                throw new CorruptImageException(
                        count < 0 ? "Refcount of a cluster in use is zero" : "Refcount is at its limit",
                        file.name(),
                        "refcount of cluster " + cluster,
                        slice.hostOffset,
                        "0 to " + max + " after adding " + delta,
                        Long.toString(count));
            }
            RefcountBlock.set(slice.bytes, index, order, count);
            if (count == 0) {
                freed.accept(cluster);
            }
        }
        return sliceEnd;
    }

    private long region(long cluster) {
        return cluster >>> geometry.refcountBlockBits();
    }

    private TableCache.Slice slice(RefcountTable table, long cluster) throws IOException {
        long block = table.block((int) region(cluster));
        long byteInBlock = (cluster & (geometry.refcountBlockEntries() - 1)) << geometry.refcountOrder() >>> 3;
        return cache.get(block + (byteInBlock & -cache.sliceBytes()));
    }

    private int indexInSlice(long cluster) {
        return (int) (cluster & (entriesPerSlice - 1));
    }

    private long sliceEnd(long cluster, long end) {
        return Math.min(end, (cluster | (entriesPerSlice - 1)) + 1);
    }

    boolean isDirty() {
        return cache.isDirty();
    }

    void writeDirty() throws IOException {
        cache.writeDirty();
    }

    /** What was cached of a cluster that becomes a block, or is none any more. */
    void forget(long hostOffset) {
        cache.forget(hostOffset, geometry.clusterBytes());
    }
}
