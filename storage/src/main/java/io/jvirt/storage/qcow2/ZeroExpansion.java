// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the zero clusters of L2 tables, which version 2 does not know: without a backing file by nothing, else by
 * clusters of zeros. Each table is changed where it lies, once for all that share it, so what the guest and the
 * snapshots read is the same at each moment. Runs with the image to itself and with nothing pending.
 */
final class ZeroExpansion {
    private final Tables tables;
    private final ClusterGeometry geometry;
    private final @Nullable DataTransform transform;
    private final Set<Long> expanded = new HashSet<>();

    ZeroExpansion(Tables tables, @Nullable DataTransform transform) {
        this.tables = tables;
        this.geometry = tables.geometry;
        this.transform = transform;
    }

    /** Expands what an L1 table refers to; {@code before} entries of others are done. */
    void expand(long[] l1, long before, LongConsumer progress) throws IOException {
        for (int i = 0; i < l1.length; i++) {
            long l2Offset = L2Entry.hostOffset(l1[i]);
            if (l2Offset != 0 && expanded.add(l2Offset)) {
                tables.damage.checkL2Place(l2Offset, i);
                expandTable(l2Offset, (long) i << geometry.l1EntryBits());
            }
            progress.accept(before + i + 1);
        }
    }

    private void expandTable(long l2Offset, long guestOffset) throws IOException {
        ByteBuffer l2 = ByteBuffer.allocate(geometry.clusterBytes());
        tables.file.readZeroPadded(l2Offset, l2);
        // Who shares the table shares its clusters: so often a new one is referred to.
        long references = tables.refcounts().get(l2Offset >>> geometry.clusterBits());
        boolean changed = false;
        long at = guestOffset;
        for (int position = 0; position < geometry.clusterBytes(); position += Long.BYTES) {
            long entry = l2.getLong(position);
            if (!L2Entry.isCompressed(entry) && (entry & L2Entry.ZERO) != 0) {
                if (geometry.offsetInCluster(L2Entry.hostOffset(entry)) != 0) {
                    throw tables.damage.unalignedCluster(L2Entry.hostOffset(entry), l2Offset, position);
                }
                l2.putLong(position, replacement(entry, at, references));
                changed = true;
            }
            at += geometry.clusterBytes();
        }
        if (changed) {
            // The new clusters, their zeros and their refcounts before the table that refers to them.
            tables.checkpoint();
            tables.syncAll();
            tables.forgetTables(l2Offset, geometry.clusterBytes());
            tables.file.write(l2Offset, l2.clear());
            tables.flush();
        }
    }

    private long replacement(long entry, long guestOffset, long references) throws IOException {
        long place = L2Entry.hostOffset(entry);
        if (place == 0 && tables.header().backingFile() == null) {
            return 0;
        }
        if (place == 0 || tables.refcounts().get(place >>> geometry.clusterBits()) != references) {
            for (long i = 0; place != 0 && i < references; i++) {
                tables.releases.data(place, 1, false);
            }
            place = tables.refcounts().allocateTable(1);
            tables.refcounts().add(place >>> geometry.clusterBits(), 1, (int) references - 1);
        }
        writeZeros(guestOffset, place);
        return references == 1 ? place | L2Entry.COPIED : place;
    }

    private void writeZeros(long guestOffset, long hostOffset) throws IOException {
        DataTransform layer = transform;
        if (layer == null) {
            tables.file.zeroRange(hostOffset, geometry.clusterBytes());
            return;
        }
        ByteBuffer zeros = ByteBuffer.allocate(geometry.clusterBytes());
        layer.toHost(zeros, guestOffset, hostOffset);
        tables.file.write(hostOffset, zeros.clear());
    }
}
