// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The refcounts of an image that is written from front to back: all ones, but for clusters of compressed data. */
final class BulkRefcounts {
    private static final int CHUNK_BITS = 16;
    private static final int WRITE_BYTES = 1 << 20;

    private final ClusterGeometry geometry;

    /** Counts of compressed data's clusters in chunks of 2^16; an absent chunk or a 0 means one. */
    private final List<int[]> counts = new ArrayList<>();

    BulkRefcounts(ClusterGeometry geometry) {
        this.geometry = geometry;
    }

    void addCompressed(long cluster) {
        int chunk = (int) (cluster >>> CHUNK_BITS);
        while (counts.size() <= chunk) {
            counts.add(new int[0]);
        }
        if (counts.get(chunk).length == 0) {
            counts.set(chunk, new int[1 << CHUNK_BITS]);
        }
        counts.get(chunk)[(int) cluster & (1 << CHUNK_BITS) - 1]++;
    }

    /** Whether no more compressed data may go into the cluster. */
    boolean isFull(long cluster) {
        return count(cluster) >= geometry.maxRefcount();
    }

    private long count(long cluster) {
        int chunk = (int) (cluster >>> CHUNK_BITS);
        if (chunk >= counts.size() || counts.get(chunk).length == 0) {
            return 1;
        }
        return Math.max(1, counts.get(chunk)[(int) cluster & (1 << CHUNK_BITS) - 1]);
    }

    /** Writes blocks and table behind the clusters in use; answers where the table lies. */
    TableLocation write(ByteStore file, long usedClusters) throws IOException {
        long blocks = 0;
        long tableClusters = 0;
        long total = usedClusters;
        while (true) {
            long neededBlocks = (total + geometry.refcountBlockEntries() - 1) >>> geometry.refcountBlockBits();
            long neededTable = geometry.clustersFor(neededBlocks * 8);
            if (neededBlocks == blocks && neededTable == tableClusters) {
                break;
            }
            blocks = neededBlocks;
            tableClusters = neededTable;
            total = usedClusters + blocks + tableClusters;
        }
        if (tableClusters << geometry.clusterBits()
                > Math.max(Header.MAX_REFCOUNT_TABLE_BYTES, geometry.clusterBytes())) {
            throw new StorageException(
                    "The image size is too large for file format 'qcow2' (try using a larger cluster size)");
        }
        writeBlocks(file, usedClusters << geometry.clusterBits(), blocks, total);
        long tableOffset = usedClusters + blocks << geometry.clusterBits();
        long[] table = new long[(int) (tableClusters << geometry.clusterBits() - 3)];
        for (int i = 0; i < blocks; i++) {
            table[i] = usedClusters + i << geometry.clusterBits();
        }
        Tables.writeEntries(file, tableOffset, table, 0, table.length - 1);
        return new TableLocation(tableOffset, (int) tableClusters);
    }

    private void writeBlocks(ByteStore file, long hostOffset, long blocks, long total) throws IOException {
        int blockBytes = geometry.clusterBytes();
        int entries = geometry.refcountBlockEntries();
        int blocksPerWrite = Math.max(1, WRITE_BYTES / blockBytes);
        ByteBuffer buffer = ByteBuffer.allocate(blockBytes * (int) Math.min(blocksPerWrite, blocks));
        for (long block = 0; block < blocks; ) {
            long at = hostOffset + (block << geometry.clusterBits());
            buffer.clear();
            int filled = 0;
            while (filled + blockBytes <= buffer.capacity() && block < blocks) {
                ByteBuffer one = buffer.slice(filled, blockBytes);
                fill(one, block << geometry.refcountBlockBits(), (int)
                        Math.min(entries, total - (block << geometry.refcountBlockBits())));
                filled += blockBytes;
                block++;
            }
            file.write(at, buffer.position(0).limit(filled));
        }
    }

    private void fill(ByteBuffer block, long firstCluster, int clusters) {
        for (int i = 0; i < block.capacity(); i += Long.BYTES) {
            block.putLong(i, 0);
        }
        RefcountBlock.setOnes(block, 0, clusters, geometry.refcountOrder());
        if (counts.isEmpty()) {
            return;
        }
        for (int i = 0; i < clusters; i++) {
            long count = count(firstCluster + i);
            if (count > 1) {
                RefcountBlock.set(block, i, geometry.refcountOrder(), count);
            }
        }
    }
}
