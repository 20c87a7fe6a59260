// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Turns whole clusters (or subclusters) into zeros, or into nothing; writes zeros where the format has no other way. */
final class ClusterEraser {
    private static final int ZERO_CHUNK_BYTES = 1 << 20;

    /** What becomes of a cluster. */
    private enum Mode {
        /** Zeros, and its place is kept. */
        ZERO_KEEP,
        /** Zeros, and its place is given back. */
        ZERO_UNMAP,
        /** The same, and said of what was never written too. */
        ZERO_MARK,
        /** A guest's discard: zeros where the format can say so, and its place is given back. */
        DISCARD,
        /** As if never written. */
        DROP
    }

    private final Tables tables;
    private final ClusterReader reader;
    private final ClusterWriter writer;
    private final InFlight inFlight;
    private final ClusterGeometry geometry;

    ClusterEraser(Tables tables, ClusterReader reader, ClusterWriter writer, InFlight inFlight) {
        this.tables = tables;
        this.reader = reader;
        this.writer = writer;
        this.inFlight = inFlight;
        this.geometry = tables.geometry;
    }

    /** Makes a range read as zeros. */
    void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        zero(guestOffset, lengthBytes, unmap ? Mode.ZERO_UNMAP : Mode.ZERO_KEEP);
    }

    /** Makes a range read as zeros, what was never written too, so that it does whatever comes to lie below the image. */
    void markZero(long guestOffset, long lengthBytes) throws IOException {
        zero(guestOffset, lengthBytes, Mode.ZERO_MARK);
    }

    private void zero(long guestOffset, long lengthBytes, Mode mode) throws IOException {
        long end = guestOffset + lengthBytes;
        long unit = geometry.subclusterBytes();
        // The last cluster may stick out of the disk; what sticks out does not matter.
        long wholeEnd = end == tables.header().virtualSizeBytes() ? end + unit - 1 & -unit : end & -unit;
        long wholeStart = guestOffset + unit - 1 & -unit;
        if (!canMarkZero() || wholeStart >= wholeEnd) {
            zeroParts(guestOffset, end, mode);
            return;
        }
        zeroParts(guestOffset, Math.min(wholeStart, end), mode);
        if (wholeEnd < end) {
            zeroParts(wholeEnd, end, mode);
        }
        if (tables.header().features().isDataFileRaw()) {
            tables.data.zeroRange(wholeStart, Math.min(wholeEnd, end) - wholeStart);
        }
        erase(wholeStart, wholeEnd, mode);
    }

    /** Parts of one cluster or of two. */
    private void zeroParts(long from, long to, Mode mode) throws IOException {
        long unit = geometry.subclusterBytes();
        for (long at = from; at < to; ) {
            long partEnd = Math.min(to, (at & -unit) + unit);
            if (mode != Mode.ZERO_MARK || !markEmpty(at & -unit)) {
                writeZeros(at, partEnd, mode);
            }
            at = partEnd;
        }
    }

    /** A cluster that was never written, here or below, is zeros as a whole when a part of it is. */
    private boolean markEmpty(long start) throws IOException {
        if (!canMarkZero() || tables.header().features().isDataFileRaw()) {
            return false;
        }
        long end = start + geometry.subclusterBytes();
        long inDisk = Math.min(end, tables.header().virtualSizeBytes()) - start;
        tables.lock.lock();
        try {
            inFlight.await(start);
            Mapping mapping = reader.find(start, inDisk);
            boolean below = reader.backing() != null && start < reader.backing().sizeBytes();
            if (below || mapping.kind() != Mapping.Kind.UNALLOCATED || mapping.lengthBytes() < inDisk) {
                return false;
            }
            erase(start, end, Mode.ZERO_MARK);
            return true;
        } finally {
            tables.lock.unlock();
        }
    }

    private boolean canMarkZero() {
        return tables.header().version() >= 3;
    }

    /** Version 2 has no zero clusters, and parts of a cluster have no mark of their own. */
    private void writeZeros(long from, long to, Mode mode) throws IOException {
        ByteBuffer zeros = null;
        for (long at = from; at < to; ) {
            Mapping mapping = reader.find(at, to - at);
            boolean nothing = mode != Mode.ZERO_MARK
                    && mapping.kind().isBacking()
                    && (reader.backing() == null || at >= reader.backing().sizeBytes());
            if (!nothing && !mapping.kind().isZero()) {
                zeros = zeros == null ? ByteBuffer.allocate((int) Math.min(ZERO_CHUNK_BYTES, to - from)) : zeros;
                for (long done = 0; done < mapping.lengthBytes(); done += zeros.limit()) {
                    zeros.clear().limit((int) Math.min(zeros.capacity(), mapping.lengthBytes() - done));
                    writer.write(at + done, zeros);
                }
            }
            at += mapping.lengthBytes();
        }
    }

    /** The guest no longer needs a range; parts of clusters at its ends stay. */
    void discard(long guestOffset, long lengthBytes) throws IOException {
        long end = guestOffset + lengthBytes;
        long wholeEnd = end == tables.header().virtualSizeBytes() ? geometry.alignUp(end) : geometry.alignDown(end);
        long wholeStart = geometry.alignUp(guestOffset);
        if (tables.header().features().isDataFileRaw()) {
            // The data file has to read the same without the tables, so they stay as they are.
            tables.data.punchHole(guestOffset, lengthBytes);
        } else if (wholeStart < wholeEnd) {
            erase(wholeStart, wholeEnd, Mode.DISCARD);
        }
    }

    /** Forgets clusters that are no longer part of the disk. */
    void drop(long wholeStart, long wholeEnd) throws IOException {
        erase(wholeStart, wholeEnd, Mode.DROP);
    }

    private void erase(long from, long to, Mode mode) throws IOException {
        for (long at = from; at < to; ) {
            tables.lock.lock();
            try {
                inFlight.await(at);
                at = eraseInSlice(at, Math.min(to, at + Math.min(to - at, inFlight.distance(at))), mode);
            } finally {
                tables.lock.unlock();
            }
        }
    }

    /** Handles what one slice maps; answers how far it came. */
    private long eraseInSlice(long from, long to, Mode mode) throws IOException {
        long l1End = (geometry.l1Index(from) + 1) << geometry.l1EntryBits();
        if (L2Entry.hostOffset(tables.l1Entry(from)) == 0 && leavesEmpty(mode)) {
            return l1End <= 0 ? to : Math.min(to, l1End);
        }
        TableCache.Slice slice = tables.l2SliceForChange(from);
        int position = tables.l2Position(from);
        long at = from;
        while (at < to && position < slice.bytes.limit()) {
            long clusterEnd = geometry.alignDown(at) + geometry.clusterBytes();
            long partEnd = Math.min(to, clusterEnd);
            if (geometry.extendedL2() && partEnd - at < geometry.clusterBytes()) {
                eraseSubclusters(slice, position, at, partEnd);
                return partEnd;
            }
            eraseCluster(slice, position, at, mode);
            at = partEnd;
            position += geometry.l2EntryBytes();
        }
        return at;
    }

    /** Whether what was never written stays so. */
    private boolean leavesEmpty(Mode mode) {
        return switch (mode) {
            case DROP -> true;
            case ZERO_MARK -> !canMarkZero();
            default -> reader.backing() == null || mode == Mode.DISCARD && !canMarkZero();
        };
    }

    private void eraseCluster(TableCache.Slice slice, int position, long at, Mode mode) throws IOException {
        long old = slice.bytes.getLong(position);
        long oldBitmap = geometry.extendedL2() ? slice.bytes.getLong(position + 8) : 0;
        // Checks the entry before anything is freed by it.
        Mapping.Kind kind = Mapping.kindOf(tables, old, oldBitmap, 0, at);
        boolean occupied = kind == Mapping.Kind.COMPRESSED || kind.isPlaced();
        boolean empty = !occupied && old == 0 && oldBitmap == 0;
        if (empty && leavesEmpty(mode)) {
            return;
        }
        boolean keepPlace = mode == Mode.ZERO_KEEP && kind.isPlaced() && (tables.externalData || L2Entry.isCopied(old));
        long entry = keepPlace ? L2Entry.hostOffset(old) | L2Entry.COPIED : 0;
        long bitmap = 0;
        if (mode != Mode.DROP) {
            if (geometry.extendedL2()) {
                bitmap = L2Entry.ALL_ZERO;
            } else if (canMarkZero()) {
                entry |= L2Entry.ZERO;
            } else if (reader.backing() != null) {
                // A discarded cluster must not show the backing file again, and version 2 cannot say "zeros".
                return;
            }
        }
        if (entry == old && bitmap == oldBitmap) {
            return;
        }
        slice.bytes.putLong(position, entry);
        if (geometry.extendedL2()) {
            slice.bytes.putLong(position + 8, bitmap);
        }
        tables.markDirty(slice);
        if (occupied && !keepPlace) {
            release(old, kind);
        }
    }

    private void release(long old, Mapping.Kind kind) throws IOException {
        if (tables.externalData) {
            if (kind.isPlaced() && !tables.header().features().isDataFileRaw()) {
                tables.data.punchHole(L2Entry.hostOffset(old), geometry.clusterBytes());
            }
        } else if (kind == Mapping.Kind.COMPRESSED) {
            int bits = geometry.clusterBits();
            tables.releases.compressed(
                    L2Entry.compressedHostOffset(old, bits), L2Entry.compressedLengthBytes(old, bits), true);
            reader.forgetDecompressed();
        } else {
            tables.releases.data(L2Entry.hostOffset(old), 1, true);
        }
    }

    /** A part of a cluster: marks its subclusters as zeros. A compressed cluster or a shared one is rewritten instead. */
    private void eraseSubclusters(TableCache.Slice slice, int position, long from, long to) throws IOException {
        long entry = slice.bytes.getLong(position);
        boolean shared = !L2Entry.isCopied(entry) && L2Entry.hostOffset(entry) != 0 && !tables.externalData;
        if (L2Entry.isCompressed(entry) || shared) {
            // The lock is reentrant, and nothing is in flight here.
            writer.write(from, ByteBuffer.allocate((int) (to - from)));
            return;
        }
        int first = geometry.offsetInCluster(from) >>> geometry.subclusterBits();
        int count = (int) ((to - from + geometry.subclusterBytes() - 1) >>> geometry.subclusterBits());
        long mask = ((1L << count) - 1) << first;
        long bitmap = slice.bytes.getLong(position + 8);
        slice.bytes.putLong(position + 8, (bitmap & ~mask) | mask << 32);
        tables.markDirty(slice);
    }
}
