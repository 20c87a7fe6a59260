// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A run of guest bytes that the L2 tables map in one way. With extended L2 entries the unit is the subcluster, else the
 * cluster.
 *
 * @param kind how it is mapped
 * @param lengthBytes how far it reaches
 * @param hostOffset host offset of the first byte where the kind has one, else 0
 * @param entry the L2 entry of the first cluster
 */
record Mapping(Kind kind, long lengthBytes, long hostOffset, long entry) {
    /** How a subcluster (or a cluster, where there are none) is mapped. */
    enum Kind {
        /** Not here: the backing file's. */
        UNALLOCATED,
        /** Not here, though its cluster has room for it. */
        UNALLOCATED_PLACED,
        /** Zeros without a place. */
        ZERO,
        /** Zeros; its place in the host file is kept. */
        ZERO_PLACED,
        /** Data. */
        NORMAL,
        COMPRESSED;

        boolean isPlaced() {
            return this == NORMAL || this == ZERO_PLACED || this == UNALLOCATED_PLACED;
        }

        boolean isBacking() {
            return this == UNALLOCATED || this == UNALLOCATED_PLACED;
        }

        boolean isZero() {
            return this == ZERO || this == ZERO_PLACED;
        }
    }

    /** Looks a guest offset up, as far as the run goes but at most {@code maxBytes}. The table lock must be held. */
    static Mapping find(Tables tables, long guestOffset, long maxBytes) throws IOException {
        ClusterGeometry geometry = tables.geometry;
        long l1Entry = tables.l1Entry(guestOffset);
        if (L2Entry.hostOffset(l1Entry) == 0) {
            long end = (geometry.l1Index(guestOffset) + 1) << geometry.l1EntryBits();
            while (end > 0 && end - guestOffset < maxBytes && L2Entry.hostOffset(tables.l1Entry(end)) == 0) {
                end += geometry.bytesPerL1Entry();
            }
            long length = end <= 0 ? maxBytes : Math.min(maxBytes, end - guestOffset);
            return new Mapping(Kind.UNALLOCATED, length, 0, 0);
        }
        ByteBuffer slice = tables.l2Slice(guestOffset).bytes;
        int position = tables.l2Position(guestOffset);
        long entry = slice.getLong(position);
        int step = geometry.l2EntryBytes();
        int subcluster = geometry.offsetInCluster(guestOffset) >>> geometry.subclusterBits();
        long bitmap = bitmapAt(geometry, slice, position);
        Kind kind = kindOf(tables, entry, bitmap, subcluster, guestOffset);
        if (kind == Kind.COMPRESSED) {
            long length = geometry.clusterBytes() - geometry.offsetInCluster(guestOffset);
            return new Mapping(kind, Math.min(length, maxBytes), 0, entry);
        }
        long hostOffset = kind.isPlaced() ? L2Entry.hostOffset(entry) + geometry.offsetInCluster(guestOffset) : 0;
        long unit = geometry.subclusterBytes();
        long length = unit - (guestOffset & unit - 1);
        long nextEntry = entry;
        while (length < maxBytes) {
            subcluster++;
            if (subcluster == geometry.subclustersPerCluster()) {
                subcluster = 0;
                position += step;
                if (position >= slice.limit()) {
                    break;
                }
                nextEntry = slice.getLong(position);
                bitmap = bitmapAt(geometry, slice, position);
                if (kind.isPlaced() && L2Entry.hostOffset(nextEntry) != hostOffset + length) {
                    break;
                }
            }
            if (kindOf(tables, nextEntry, bitmap, subcluster, guestOffset + length) != kind) {
                break;
            }
            length += unit;
        }
        return new Mapping(kind, Math.min(length, maxBytes), hostOffset, entry);
    }

    private static long bitmapAt(ClusterGeometry geometry, ByteBuffer slice, int position) {
        return geometry.extendedL2() ? slice.getLong(position + 8) : 0;
    }

    /** The kind of one subcluster, with its entry checked ("Extended L2 entries" in the specification). */
    static Kind kindOf(Tables tables, long entry, long bitmap, int subcluster, long guestOffset) throws IOException {
        if (L2Entry.isCompressed(entry)) {
            if (tables.externalData) {
                throw corrupt(tables, guestOffset, entry, "no compressed cluster with an external data file");
            }
            return Kind.COMPRESSED;
        }
        long hostOffset = L2Entry.hostOffset(entry);
        if (tables.geometry.offsetInCluster(hostOffset) != 0) {
            throw corrupt(tables, guestOffset, entry, "a multiple of " + tables.geometry.clusterBytes());
        }
        // With an external data file, offset 0 is where guest offset 0 lies; the copied bit tells.
        boolean placed = hostOffset != 0 || (tables.externalData && L2Entry.isCopied(entry));
        if (!tables.geometry.extendedL2()) {
            if ((entry & L2Entry.ZERO) != 0) {
                if (tables.header().version() < 3) {
                    throw corrupt(tables, guestOffset, entry, "no zero cluster in a version 2 image");
                }
                return placed ? Kind.ZERO_PLACED : Kind.ZERO;
            }
            return placed ? Kind.NORMAL : Kind.UNALLOCATED;
        }
        boolean allocated = (bitmap >>> subcluster & 1) != 0;
        boolean zero = (bitmap >>> (subcluster + 32) & 1) != 0;
        if (allocated && (zero || !placed)) {
            throw corrupt(tables, guestOffset, bitmap, "a subcluster that is either allocated or zero");
        }
        if (placed) {
            return allocated ? Kind.NORMAL : zero ? Kind.ZERO_PLACED : Kind.UNALLOCATED_PLACED;
        }
        return zero ? Kind.ZERO : Kind.UNALLOCATED;
    }

    private static CorruptImageException corrupt(Tables tables, long guestOffset, long found, String expected)
            throws IOException {
        long table = L2Entry.hostOffset(tables.l1Entry(guestOffset));
        int index = tables.geometry.l2Index(guestOffset);
        return new CorruptImageException(
                "Cluster allocation offset 0x" + Long.toHexString(found) + " invalid (L2 offset: 0x"
                        + Long.toHexString(table) + ", L2 index: 0x" + Integer.toHexString(index) + ")",
                tables.file.name(),
                "L2 entry " + index + " for guest offset " + guestOffset,
                table + (long) index * tables.geometry.l2EntryBytes(),
                expected,
                "0x" + Long.toHexString(found));
    }
}
