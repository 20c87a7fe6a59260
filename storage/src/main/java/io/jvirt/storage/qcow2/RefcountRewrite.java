// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * Counts that change in copies of their blocks, with a table of their own. Until the header names that table, the disk
 * counts as before. Blocks and table take clusters too, which are counted in blocks that may have to move for it: so the
 * new places are settled in rounds, until nothing moves any more.
 */
final class RefcountRewrite {
    private final Tables tables;
    private final Refcounts counts;
    private final RefcountTable onDisk;

    /** The regions whose blocks have their new place. */
    private final BitSet rewritten = new BitSet();

    /** Places of blocks and tables that the new counts do without. */
    private final ArrayDeque<TableLocation> given = new ArrayDeque<>();

    private long lowestFreed;

    RefcountRewrite(Tables tables, Refcounts counts, long freeHint) {
        this.tables = tables;
        this.counts = counts;
        onDisk = counts.table().copy();
        lowestFreed = freeHint;
    }

    /** What the header names until the end: a cluster that is in use there is not free, the disk still refers to it. */
    RefcountTable onDisk() {
        return onDisk;
    }

    /** A cluster that the new counts do not use; where to look for free ones once they hold. */
    void freed(long cluster) {
        lowestFreed = Math.min(lowestFreed, cluster);
    }

    long lowestFreed() {
        return lowestFreed;
    }

    /** This region got its first block. */
    void isNew(int region) {
        rewritten.set(region);
    }

    /** Gives a block its new place before it changes for the first time. */
    void beforeChange(int region) throws IOException {
        if (rewritten.get(region)) {
            return;
        }
        rewritten.set(region);
        long old = counts.table().block(region);
        // Reserved before its own count is written, which may lie in a block that has to move as well.
        long cluster = counts.reserve();
        long hostOffset = cluster << tables.geometry.clusterBits();
        ByteBuffer block = ByteBuffer.allocate(tables.geometry.clusterBytes());
        tables.file.readZeroPadded(old, block);
        counts.forgetBlock(hostOffset);
        tables.file.write(hostOffset, block.clear());
        counts.table().setBlock(region, hostOffset);
        given.add(new TableLocation(old, 1));
        counts.take(cluster, 1);
    }

    /** Finds room for the new table, and gives up what the old counts took. */
    void place() throws IOException {
        given.add(onDisk.location());
        counts.table().move();
        settle();
    }

    private void settle() throws IOException {
        do {
            while (!given.isEmpty()) {
                TableLocation unused = given.remove();
                counts.add(unused.hostOffset() >>> tables.geometry.clusterBits(), unused.entries(), -1);
            }
            if (counts.table().needsPlace()) {
                TableLocation previous = counts.placeTable();
                if (previous.hostOffset() != onDisk.location().hostOffset()) {
                    // It grew after it had got its place.
                    given.add(previous);
                }
            }
        } while (counts.table().needsPlace() || !given.isEmpty());
    }

    /** Writes the new blocks and their table; the caller syncs, then has the header name the table's location. */
    void finish() throws IOException {
        settle();
        counts.writeBlocks();
        counts.table().write();
    }
}
