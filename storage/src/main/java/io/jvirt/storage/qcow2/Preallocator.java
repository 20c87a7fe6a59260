// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.Preallocation;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;

/**
 * Gives clusters of a range that has none their place, without writing guest data: what follows reads as zeros. Runs with
 * the image to itself. Extended entries get their place and no allocated subcluster.
 */
final class Preallocator {
    private final Tables tables;
    private final ClusterEraser eraser;
    private final ClusterGeometry geometry;

    Preallocator(Tables tables, ClusterEraser eraser) {
        this.tables = tables;
        this.eraser = eraser;
        this.geometry = tables.geometry;
    }

    /** Whether {@link #allocate} can hide a backing file; otherwise the range has to be zeros already. */
    static boolean canHide(Tables tables) {
        return tables.header().version() >= 3 && !tables.geometry.extendedL2();
    }

    /** @param hides the range becomes zeros, whatever the backing file has there */
    void allocate(long guestOffset, long endOffset, Preallocation mode, boolean hides) throws IOException {
        long end = geometry.alignUp(endOffset);
        for (long at = geometry.alignUp(guestOffset); at < end; ) {
            Mapping mapping = Mapping.find(tables, at, end - at);
            // Zeros without a place hide a longer backing file, and go on doing so.
            boolean zero = hides || mapping.kind() == Mapping.Kind.ZERO;
            if (mapping.kind() == Mapping.Kind.ZERO || mapping.kind() == Mapping.Kind.UNALLOCATED) {
                at += place(at, mapping.lengthBytes(), mode, zero);
                continue;
            }
            if (hides) {
                eraser.zero(at, Math.min(mapping.lengthBytes(), endOffset - at), false);
            }
            at += mapping.lengthBytes();
        }
    }

    private long place(long guestOffset, long lengthBytes, Preallocation mode, boolean zero) throws IOException {
        // The table first: finding room for it may take the cluster that would be the next.
        tables.l2SliceForChange(guestOffset);
        long hostOffset = guestOffset;
        int sliceLimit = tables.l2Slice(guestOffset).bytes.limit();
        long inSlice = (sliceLimit - tables.l2Position(guestOffset)) / geometry.l2EntryBytes();
        long clusters = Math.min(inSlice, geometry.clustersFor(lengthBytes));
        if (!tables.externalData) {
            long highWater = tables.refcounts().highWaterBytes();
            hostOffset = tables.refcounts().allocateTable(clusters);
            makeZero(hostOffset, clusters << geometry.clusterBits(), hostOffset >= highWater);
        }
        long bytes = clusters << geometry.clusterBits();
        if (mode == Preallocation.FALLOC) {
            tables.data.allocate(hostOffset, bytes);
        }
        TableCache.Slice slice = tables.l2SliceForChange(guestOffset);
        int position = tables.l2Position(guestOffset);
        // Space that the host has set aside holds zeros by itself, and counts as data.
        boolean flagged = zero && mode == Preallocation.METADATA && !geometry.extendedL2();
        long flag = flagged ? L2Entry.ZERO : 0;
        for (long done = 0; done < bytes; done += geometry.clusterBytes()) {
            slice.bytes.putLong(position, hostOffset + done | L2Entry.COPIED | flag);
            position += geometry.l2EntryBytes();
        }
        tables.markDirty(slice);
        return bytes;
    }

    /** Clusters at the end of the file are holes; those that were used before hold what was there. */
    private void makeZero(long hostOffset, long lengthBytes, boolean fresh) throws IOException {
        if (!fresh && !tables.file.punchHole(hostOffset, lengthBytes)) {
            tables.file.zeroRange(hostOffset, lengthBytes);
        }
        if (tables.file.sizeBytes() < hostOffset + lengthBytes) {
            tables.file.truncate(hostOffset + lengthBytes);
        }
    }
}
