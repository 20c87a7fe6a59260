// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.TreeSet;

/**
 * Writes new refcount structures from counted references, behind the end of the file, or on a device, which has its size,
 * behind the last cluster in use. The old ones stay as they are until the header names the new ones, and are free space
 * afterwards.
 */
final class RefcountRebuild {
    /** Where the header has the refcount table's offset (8 bytes) and clusters (4), and refcount_order (4). */
    private static final int TABLE_AT = 48;

    private static final int TABLE_BYTES = 12;
    private static final int WIDTH_AT = 96;

    private final CheckContext context;
    private final ClusterCounts counts;
    private final ClusterGeometry geometry;

    /** {@code counts} hold everything, the old refcount structures too. */
    RefcountRebuild(CheckContext context, ClusterCounts counts) {
        this.context = context;
        this.counts = counts;
        geometry = context.geometry;
    }

    void run() throws IOException {
        TreeSet<Long> blocks = usedBlocks();
        boolean device = context.store.isDevice();
        long start = device ? counts.highest() + 1 : Math.max(context.fileClusters, counts.highest() + 1);
        long tableClusters = 0;
        long total = -1;
        // The structures cover themselves, so their size is found by trying again until it stays.
        while (total != blocks.size() + tableClusters) {
            total = blocks.size() + tableClusters;
            for (long cluster = start; cluster < start + total; cluster++) {
                blocks.add(cluster >>> geometry.refcountBlockBits());
            }
            tableClusters = blocks.isEmpty() ? 1 : geometry.clustersFor((blocks.last() + 1) * 8);
        }
        if (tableClusters << geometry.clusterBits()
                > Math.max(Header.MAX_REFCOUNT_TABLE_BYTES, geometry.clusterBytes())) {
            throw new StorageException("'" + context.store.name() + "' needs a refcount table that is too large");
        }
        if (device && start + total > context.fileClusters) {
            throw new StorageException(
                    "'" + context.store.name() + "' has no room for new refcount structures of "
                            + (total << geometry.clusterBits()) + " bytes behind its last cluster in use",
                    "enlarge the device, or copy the image with convert -O qcow2");
        }
        for (long cluster = start; cluster < start + total; cluster++) {
            counts.set(cluster, 1);
        }
        long tableOffset = (start + blocks.size()) << geometry.clusterBits();
        ByteBuffer table = ByteBuffer.allocate((int) (tableClusters << geometry.clusterBits()));
        long blockOffset = start << geometry.clusterBits();
        for (long index : blocks) {
            context.store.write(blockOffset, block(index));
            table.putLong((int) index * 8, blockOffset);
            blockOffset += geometry.clusterBytes();
        }
        context.store.write(tableOffset, table);
        // What the header is about to name must be there first.
        context.store.sync();
        // One write, within a sector: place, size and width of the refcounts change together.
        int length = context.header.version() < 3 ? TABLE_BYTES : WIDTH_AT + 4 - TABLE_AT;
        ByteBuffer fields = context.read(TABLE_AT, length);
        fields.putLong(0, tableOffset).putInt(8, (int) tableClusters);
        if (length > TABLE_BYTES) {
            fields.putInt(WIDTH_AT - TABLE_AT, geometry.refcountOrder());
        }
        context.store.write(TABLE_AT, fields);
        context.store.sync();
        context.header = context.header.withRefcountTable(new TableLocation(tableOffset, (int) tableClusters));
        context.measureFile();
    }

    private TreeSet<Long> usedBlocks() {
        TreeSet<Long> blocks = new TreeSet<>();
        long end = counts.highest() + 1;
        for (long cluster = 0; cluster < end; cluster++) {
            if (counts.pageOf(cluster) == null) {
                cluster |= ClusterCounts.PAGE_CLUSTERS - 1;
            } else if (counts.getCapped(cluster) != 0) {
                blocks.add(cluster >>> geometry.refcountBlockBits());
                cluster |= geometry.refcountBlockEntries() - 1;
            }
        }
        return blocks;
    }

    private ByteBuffer block(long index) {
        ByteBuffer block = ByteBuffer.allocate(geometry.clusterBytes());
        long first = index << geometry.refcountBlockBits();
        for (int i = 0; i < geometry.refcountBlockEntries(); i++) {
            int count = counts.getCapped(first + i);
            if (count != 0) {
                RefcountBlock.set(
                        block, i, geometry.refcountOrder(), Math.min(counts.get(first + i), geometry.maxRefcount()));
            }
        }
        return block;
    }
}
