// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;

/** The refcounts in the file, a block at a time. */
final class StoredRefcounts {
    /** Bits 0 to 8 of a refcount table entry must be zero. */
    static final long RESERVED_MASK = 0x1ff;

    /** What a refcount block that cannot be read is answered with. */
    static final long UNREADABLE = -1;

    private final CheckContext context;
    private final ClusterGeometry geometry;
    private final LongBuffer table;
    private boolean unreadableTold;
    private long loadedIndex = -1;
    private @Nullable ByteBuffer loaded;

    StoredRefcounts(CheckContext context) throws IOException {
        this.context = context;
        this.geometry = context.geometry;
        long bytes = (long) context.header.refcountTable().entries() << geometry.clusterBits();
        // The header's reader bounds the table to 8 MiB.
        table = context.read(context.header.refcountTable().hostOffset(), (int) bytes)
                .asLongBuffer();
    }

    int tableEntries() {
        return table.capacity();
    }

    long tableEntry(int index) {
        return table.get(index);
    }

    void setTableEntry(int index, long entry) {
        table.put(index, entry);
    }

    /** Offset of the refcount block that covers a cluster; 0 where there is none. */
    long blockOffset(long cluster) {
        long index = cluster >>> geometry.refcountBlockBits();
        return index < table.capacity() ? table.get((int) index) & ~RESERVED_MASK : 0;
    }

    /** The refcount, or {@link #UNREADABLE}. */
    long get(long cluster) throws IOException {
        long index = cluster >>> geometry.refcountBlockBits();
        long offset = blockOffset(cluster);
        if (offset == 0) {
            return 0;
        }
        if (geometry.offsetInCluster(offset) != 0 || offset < 0) {
            if (!unreadableTold && geometry.offsetInCluster(offset) != 0) {
                unreadableTold = true;
                context.say("qcow2: Image is corrupt: Refblock offset " + CheckContext.hexAlternate(offset)
                        + " unaligned (reftable index: " + CheckContext.hexAlternate(index)
                        + "); further non-fatal corruption events will be suppressed");
            }
            return UNREADABLE;
        }
        ByteBuffer block = loaded;
        if (loadedIndex != index || block == null) {
            block = context.read(offset, geometry.clusterBytes());
            loaded = block;
            loadedIndex = index;
        }
        return RefcountBlock.get(
                block, (int) (cluster & (geometry.refcountBlockEntries() - 1)), geometry.refcountOrder());
    }

    /** The refcount for a reader, in all its 64 bits. */
    String text(long cluster) throws IOException {
        long count = get(cluster);
        ByteBuffer block = loaded;
        if (count != Long.MAX_VALUE || block == null) {
            return Long.toString(count);
        }
        int index = (int) (cluster & (geometry.refcountBlockEntries() - 1));
        return RefcountBlock.text(block, index, geometry.refcountOrder());
    }

    /** Changes a refcount in a block that exists. */
    void set(long cluster, long count) throws IOException {
        if (get(cluster) == UNREADABLE) {
            throw new IOException("unaligned refcount block");
        }
        ByteBuffer block = loaded;
        long offset = blockOffset(cluster);
        if (block == null || offset == 0) {
            throw new IOException("no refcount block");
        }
        int index = (int) (cluster & (geometry.refcountBlockEntries() - 1));
        RefcountBlock.set(block, index, geometry.refcountOrder(), count);
        int from = (int) ((long) index * geometry.refcountBits() / 8);
        int length = Math.max(1, geometry.refcountBits() / 8);
        context.store.write(offset + from, block.slice(from, length));
    }
}
