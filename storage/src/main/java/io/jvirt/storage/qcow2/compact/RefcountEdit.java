// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** The refcounts of an image that a check has found sound. Changes stay in memory until {@link #write}. */
final class RefcountEdit {
    /** So many bytes of blocks are kept after they were written. */
    private static final long KEPT_BYTES = 8 << 20;

    private final ByteStore store;
    private final ClusterGeometry geometry;
    private final long tableOffset;
    private final long[] table;
    private final Map<Integer, ByteBuffer> blocks = new TreeMap<>();
    private final BitSet dirty = new BitSet();

    RefcountEdit(ByteStore store, Header header) throws IOException {
        this.store = store;
        this.geometry = header.geometry();
        this.tableOffset = header.refcountTable().hostOffset();
        int entries = header.refcountTable().entries() << (geometry.clusterBits() - 3);
        ByteBuffer bytes = ByteBuffer.allocate(entries * 8);
        store.readZeroPadded(tableOffset, bytes);
        table = new long[entries];
        bytes.flip().asLongBuffer().get(table);
    }

    int regions() {
        return table.length;
    }

    /** The cluster that counts a region, 0 where none does. */
    long blockCluster(int region) {
        return table[region] >>> geometry.clusterBits();
    }

    int regionOf(long cluster) {
        return (int) (cluster >>> geometry.refcountBlockBits());
    }

    boolean hasBlock(long cluster) {
        int region = regionOf(cluster);
        return region < table.length && table[region] != 0;
    }

    /** All clusters with a refcount. */
    BitSet used() throws IOException {
        BitSet used = new BitSet();
        for (int region = 0; region < table.length; region++) {
            if (table[region] == 0) {
                continue;
            }
            ByteBuffer block = block(region);
            int first = region << geometry.refcountBlockBits();
            for (int i = 0; i < geometry.refcountBlockEntries(); i++) {
                if (RefcountBlock.get(block, i, geometry.refcountOrder()) != 0) {
                    used.set(first + i);
                }
            }
            forget();
        }
        return used;
    }

    long get(long cluster) throws IOException {
        if (!hasBlock(cluster)) {
            return 0;
        }
        return RefcountBlock.get(block(regionOf(cluster)), index(cluster), geometry.refcountOrder());
    }

    void set(long cluster, long count) throws IOException {
        int region = regionOf(cluster);
        RefcountBlock.set(block(region), index(cluster), geometry.refcountOrder(), count);
        dirty.set(region);
    }

    /** Writes the changed blocks, and makes them last. */
    void write() throws IOException {
        for (int region = dirty.nextSetBit(0); region >= 0; region = dirty.nextSetBit(region + 1)) {
            store.write(table[region], block(region).clear());
        }
        dirty.clear();
        store.sync();
        forget();
    }

    /** A copy of a block, as it is now. */
    ByteBuffer copyOfBlock(int region) throws IOException {
        return ByteBuffer.allocate(geometry.clusterBytes())
                .put(block(region).clear())
                .flip();
    }

    /** Lets the table name another cluster for a region, or 0 for none, and makes that last. */
    void nameBlock(int region, long cluster) throws IOException {
        table[region] = cluster << geometry.clusterBits();
        if (cluster == 0) {
            blocks.remove(region);
            dirty.clear(region);
        }
        store.write(
                tableOffset + region * 8L,
                ByteBuffer.allocate(8).putLong(table[region]).flip());
        store.sync();
    }

    private int index(long cluster) {
        return (int) (cluster & (geometry.refcountBlockEntries() - 1));
    }

    private ByteBuffer block(int region) throws IOException {
        ByteBuffer present = blocks.get(region);
        if (present == null) {
            present = ByteBuffer.allocate(geometry.clusterBytes());
            store.readZeroPadded(table[region], present);
            blocks.put(region, present.clear());
        }
        return present;
    }

    private void forget() {
        if (dirty.isEmpty() && (long) blocks.size() << geometry.clusterBits() > KEPT_BYTES) {
            blocks.clear();
        }
    }
}
