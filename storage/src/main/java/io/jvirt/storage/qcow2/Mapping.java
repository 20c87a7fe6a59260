// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

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
            // Damage ends the run too: who goes on there is told of it.
            if (fault(tables, nextEntry, bitmap) != null || soundKind(tables, nextEntry, bitmap, subcluster) != kind) {
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
        String fault = fault(tables, entry, bitmap);
        if (fault != null) {
            throw corrupt(tables, guestOffset, fault, entry, bitmap);
        }
        return soundKind(tables, entry, bitmap, subcluster);
    }

    private static Kind soundKind(Tables tables, long entry, long bitmap, int subcluster) {
        if (L2Entry.isCompressed(entry)) {
            return Kind.COMPRESSED;
        }
        boolean placed = isPlaced(tables, entry);
        if (!tables.geometry.extendedL2()) {
            if ((entry & L2Entry.ZERO) != 0) {
                return placed ? Kind.ZERO_PLACED : Kind.ZERO;
            }
            return placed ? Kind.NORMAL : Kind.UNALLOCATED;
        }
        boolean allocated = (bitmap >>> subcluster & 1) != 0;
        boolean zero = (bitmap >>> (subcluster + 32) & 1) != 0;
        if (placed) {
            return allocated ? Kind.NORMAL : zero ? Kind.ZERO_PLACED : Kind.UNALLOCATED_PLACED;
        }
        return zero ? Kind.ZERO : Kind.UNALLOCATED;
    }

    /** With an external data file, offset 0 is where guest offset 0 lies; the copied bit tells. */
    private static boolean isPlaced(Tables tables, long entry) {
        return L2Entry.hostOffset(entry) != 0 || (tables.externalData && L2Entry.isCopied(entry));
    }

    /** What is wrong with an entry, in QEMU's words, or null. */
    private static @Nullable String fault(Tables tables, long entry, long bitmap) {
        if (L2Entry.isCompressed(entry)) {
            return tables.externalData ? "Compressed cluster entry found in image with external data file" : null;
        }
        long hostOffset = L2Entry.hostOffset(entry);
        if (tables.geometry.offsetInCluster(hostOffset) != 0) {
            return "Cluster allocation offset " + DamageReport.hex(hostOffset) + " unaligned";
        }
        if (!tables.geometry.extendedL2()) {
            boolean early = (entry & L2Entry.ZERO) != 0 && tables.header().version() < 3;
            return early ? "Zero cluster entry found in pre-v3 image" : null;
        }
        // One subcluster that is both allocated and zero makes the whole entry one that nobody can trust.
        boolean both = (int) (bitmap >>> 32 & bitmap) != 0;
        return both || (!isPlaced(tables, entry) && (int) bitmap != 0) ? "Invalid cluster entry found " : null;
    }

    private static CorruptImageException corrupt(
            Tables tables, long guestOffset, String message, long entry, long bitmap) throws IOException {
        long table = L2Entry.hostOffset(tables.l1Entry(guestOffset));
        int index = tables.geometry.l2Index(guestOffset);
        String found = "0x" + Long.toHexString(entry);
        return tables.damage
                .marked(new CorruptImageException(
                        message + " (L2 offset: " + DamageReport.hex(table) + ", L2 index: " + DamageReport.hex(index)
                                + ")",
                        tables.file.name(),
                        "L2 entry " + index + " for guest offset " + guestOffset,
                        table + (long) index * tables.geometry.l2EntryBytes(),
                        "an entry of a version " + tables.header().version() + " image with clusters of "
                                + tables.geometry.clusterBytes() + " bytes",
                        tables.geometry.extendedL2() ? found + " with bitmap 0x" + Long.toHexString(bitmap) : found))
                .at(guestOffset);
    }
}
