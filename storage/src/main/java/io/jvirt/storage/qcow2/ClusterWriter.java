// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes guest data: in place where the image has a cluster of its own, else into new clusters whose unwritten parts are
 * copied first. The order is data, then the L2 entry in memory; {@link Tables#checkpoint} keeps it on disk.
 */
final class ClusterWriter {
    private final Tables tables;
    private final ClusterReader reader;
    private final InFlight inFlight;
    private final ClusterGeometry geometry;
    private final @Nullable DataTransform transform;

    /**
     * Clusters that get their place, or keep one that holds no data yet.
     *
     * @param fresh whether the host clusters were never written, so that they read as zeros
     * @param headFrom where copying before the written range starts
     * @param tailTo where copying behind it ends
     */
    private record Allocation(
            InFlight.Range range,
            long hostOffset,
            boolean placed,
            boolean fresh,
            long headFrom,
            long writeFrom,
            long writeTo,
            long tailTo) {
        long hostOf(long guestOffset) {
            return hostOffset + guestOffset - range.guestOffset();
        }
    }

    ClusterWriter(Tables tables, ClusterReader reader, InFlight inFlight, @Nullable DataTransform transform) {
        this.tables = tables;
        this.reader = reader;
        this.inFlight = inFlight;
        this.geometry = tables.geometry;
        this.transform = transform;
    }

    void write(long guestOffset, ByteBuffer source) throws IOException {
        long at = guestOffset;
        while (source.hasRemaining()) {
            at += writeRun(at, source);
        }
    }

    private int writeRun(long guestOffset, ByteBuffer source) throws IOException {
        int remaining = source.remaining();
        Mapping inPlace = null;
        Allocation allocation = null;
        tables.lock.lock();
        try {
            inFlight.await(guestOffset);
            tables.l2SliceForChange(guestOffset);
            Mapping mapping = Mapping.find(tables, guestOffset, remaining);
            if (mapping.kind() == Mapping.Kind.NORMAL && isOwn(mapping.entry())) {
                inPlace = ownPart(mapping, guestOffset);
                tables.checkDataPlace(inPlace.hostOffset(), inPlace.lengthBytes());
            } else {
                allocation = allocate(guestOffset, Math.min(remaining, inFlight.distance(guestOffset)));
            }
        } finally {
            tables.lock.unlock();
        }
        int length = inPlace != null
                ? (int) inPlace.lengthBytes()
                : (int) (allocation == null ? 0 : allocation.writeTo - allocation.writeFrom);
        int limit = source.limit();
        source.limit(source.position() + length);
        if (inPlace != null) {
            writeData(guestOffset, inPlace.hostOffset(), source);
        } else if (allocation != null) {
            writeAllocation(allocation, source);
        }
        source.limit(limit);
        return length;
    }

    private boolean isOwn(long entry) {
        return tables.externalData || L2Entry.isCopied(entry);
    }

    /** The part of a run whose entries all have the copied bit. */
    private Mapping ownPart(Mapping mapping, long guestOffset) throws IOException {
        ByteBuffer slice = tables.l2Slice(guestOffset).bytes;
        int position = tables.l2Position(guestOffset);
        long length = geometry.clusterBytes() - geometry.offsetInCluster(guestOffset);
        position += geometry.l2EntryBytes();
        while (length < mapping.lengthBytes() && isOwn(slice.getLong(position))) {
            length += geometry.clusterBytes();
            position += geometry.l2EntryBytes();
        }
        return new Mapping(
                mapping.kind(), Math.min(length, mapping.lengthBytes()), mapping.hostOffset(), mapping.entry());
    }

    /** How a cluster is written: it has a place of its own without data where needed, or it needs a new one. */
    private boolean isPlaced(long entry) {
        return !L2Entry.isCompressed(entry)
                && isOwn(entry)
                && (L2Entry.hostOffset(entry) != 0 || (tables.externalData && L2Entry.isCopied(entry)));
    }

    private Allocation allocate(long guestOffset, long remaining) throws IOException {
        long first = geometry.alignDown(guestOffset);
        long end = Math.min(geometry.alignUp(guestOffset + remaining), endOfSlice(guestOffset));
        ByteBuffer slice = tables.l2Slice(guestOffset).bytes;
        int position = tables.l2Position(guestOffset);
        int step = geometry.l2EntryBytes();
        long entry = slice.getLong(position);
        boolean placed = isPlaced(entry);
        long clusters = 1;
        for (long at = first + geometry.clusterBytes(); at < end; at += geometry.clusterBytes()) {
            position += step;
            long next = slice.getLong(position);
            if (isPlaced(next) != placed
                    || (placed && L2Entry.hostOffset(next) != L2Entry.hostOffset(entry) + at - first)) {
                break;
            }
            clusters++;
        }
        long hostOffset;
        boolean fresh = false;
        if (placed) {
            hostOffset = L2Entry.hostOffset(entry);
            tables.checkDataPlace(hostOffset, clusters << geometry.clusterBits());
        } else if (tables.externalData) {
            hostOffset = first;
        } else {
            long highWater = tables.refcounts().highWaterBytes();
            long[] run = tables.refcounts().allocateRun(clusters);
            hostOffset = run[0];
            clusters = run[1];
            fresh = hostOffset >= highWater;
        }
        end = first + (clusters << geometry.clusterBits());
        long writeTo = Math.min(end, guestOffset + remaining);
        long headFrom = copyFrom(guestOffset, placed);
        long tailTo = writeTo == end ? end : copyTo(writeTo, placed);
        InFlight.Range range = inFlight.add(first, end);
        return new Allocation(range, hostOffset, placed, fresh, headFrom, guestOffset, writeTo, tailTo);
    }

    private long endOfSlice(long guestOffset) {
        int sliceEntries = Math.min(geometry.clusterBytes(), Tables.MAX_SLICE_BYTES) / geometry.l2EntryBytes();
        long sliceBytes = (long) sliceEntries << geometry.clusterBits();
        long end = (guestOffset & -sliceBytes) + sliceBytes;
        return end <= 0 ? Long.MAX_VALUE : end;
    }

    /** Where copying has to start so that everything the cluster then claims to hold is there. */
    private long copyFrom(long writeFrom, boolean placed) throws IOException {
        if (!geometry.extendedL2()) {
            return geometry.alignDown(writeFrom);
        }
        if (!placed && hasOldData(writeFrom)) {
            return geometry.alignDown(writeFrom);
        }
        long unit = geometry.subclusterBytes();
        long from = writeFrom & -unit;
        return from == writeFrom || isNormal(from) ? writeFrom : from;
    }

    private long copyTo(long writeTo, boolean placed) throws IOException {
        if (!geometry.extendedL2()) {
            return geometry.alignUp(writeTo);
        }
        if (!placed && hasOldData(writeTo - 1)) {
            return geometry.alignUp(writeTo);
        }
        long unit = geometry.subclusterBytes();
        long to = (writeTo + unit - 1) & -unit;
        return to == writeTo || (isNormal(writeTo) && placed) ? writeTo : to;
    }

    private boolean isNormal(long guestOffset) throws IOException {
        return Mapping.find(tables, guestOffset, 1).kind() == Mapping.Kind.NORMAL;
    }

    /** Whether the old cluster holds subclusters of data, which have to move with the rest. */
    private boolean hasOldData(long guestOffset) throws IOException {
        ByteBuffer slice = tables.l2Slice(guestOffset).bytes;
        int position = tables.l2Position(guestOffset);
        return L2Entry.isCompressed(slice.getLong(position))
                || (slice.getLong(position + 8) & L2Entry.ALL_ALLOCATED) != 0;
    }

    private void writeAllocation(Allocation allocation, ByteBuffer source) throws IOException {
        boolean linked = false;
        try {
            copy(allocation, allocation.headFrom, allocation.writeFrom);
            copy(allocation, allocation.writeTo, allocation.tailTo);
            writeData(allocation.writeFrom, allocation.hostOf(allocation.writeFrom), source);
            tables.lock.lock();
            try {
                link(allocation);
                linked = true;
                inFlight.remove(allocation.range);
            } finally {
                tables.lock.unlock();
            }
        } finally {
            if (!linked) {
                abandon(allocation);
            }
        }
    }

    /** Copies what the guest saw in a part of the clusters that is not written now. */
    private void copy(Allocation allocation, long from, long to) throws IOException {
        if (from >= to) {
            return;
        }
        if (allocation.fresh && transform == null && readsAsZero(from, to)) {
            return;
        }
        ByteBuffer part = ByteBuffer.allocate((int) (to - from));
        reader.read(from, part);
        writeData(from, allocation.hostOf(from), part.flip());
    }

    private boolean readsAsZero(long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            Mapping mapping = reader.find(at, to - at);
            boolean zero = mapping.kind().isZero() || (mapping.kind().isBacking() && isBeyondBacking(at));
            if (!zero) {
                return false;
            }
            at += mapping.lengthBytes();
        }
        return true;
    }

    private boolean isBeyondBacking(long guestOffset) {
        return reader.backing() == null || guestOffset >= reader.backing().sizeBytes();
    }

    private void writeData(long guestOffset, long hostOffset, ByteBuffer source) throws IOException {
        DataTransform layer = transform;
        if (layer == null) {
            tables.data.write(hostOffset, source);
            return;
        }
        int sector = layer.sectorBytes();
        int before = (int) (guestOffset % sector);
        int length = (before + source.remaining() + sector - 1) / sector * sector;
        ByteBuffer sectors = ByteBuffer.allocate(length);
        if (length != source.remaining()) {
            reader.readData(guestOffset - before, hostOffset - before, sectors);
        }
        sectors.clear().position(before);
        sectors.put(source).clear();
        layer.toHost(sectors, guestOffset - before, hostOffset - before);
        tables.data.write(hostOffset - before, sectors.clear());
    }

    /** Puts the clusters into their L2 entries; the table lock is held. */
    private void link(Allocation allocation) throws IOException {
        TableCache.Slice slice = tables.l2SliceForChange(allocation.range.guestOffset());
        int position = tables.l2Position(allocation.range.guestOffset());
        for (long at = allocation.range.guestOffset();
                at < allocation.range.endOffset();
                at += geometry.clusterBytes()) {
            long old = slice.bytes.getLong(position);
            if (!allocation.placed) {
                release(old);
            }
            slice.bytes.putLong(position, allocation.hostOf(at) | L2Entry.COPIED);
            if (geometry.extendedL2()) {
                long from = Math.max(at, allocation.headFrom);
                long to = Math.min(at + geometry.clusterBytes(), allocation.tailTo);
                slice.bytes.putLong(position + 8, linkedBitmap(slice.bytes.getLong(position + 8), old, at, from, to));
            }
            position += geometry.l2EntryBytes();
        }
        tables.markDirty(slice);
    }

    private long linkedBitmap(long bitmap, long old, long clusterStart, long from, long to) {
        int first = (int) ((from - clusterStart) >>> geometry.subclusterBits());
        long unit = geometry.subclusterBytes();
        int end = (int) ((to - clusterStart + unit - 1) >>> geometry.subclusterBits());
        long touched = (end - first == 32 ? L2Entry.ALL_ALLOCATED : (1L << (end - first)) - 1) << first;
        long before = L2Entry.isCompressed(old) ? 0 : bitmap;
        return (before | touched) & ~(touched << 32);
    }

    /** The place of an entry that is about to be replaced. */
    void release(long old) {
        if (tables.externalData) {
            return;
        }
        if (L2Entry.isCompressed(old)) {
            int bits = geometry.clusterBits();
            tables.releases.compressed(
                    L2Entry.compressedHostOffset(old, bits), L2Entry.compressedLengthBytes(old, bits), false);
            reader.forgetDecompressed();
        } else if (L2Entry.hostOffset(old) != 0) {
            tables.releases.data(L2Entry.hostOffset(old), 1, false);
        }
    }

    /** A write failed: the clusters were never referred to, so they are free again. */
    private void abandon(Allocation allocation) throws IOException {
        tables.lock.lock();
        try {
            inFlight.remove(allocation.range);
            if (!allocation.placed && !tables.externalData) {
                long bytes = allocation.range.endOffset() - allocation.range.guestOffset();
                tables.releases.data(allocation.hostOffset, bytes >>> geometry.clusterBits(), false);
            }
        } finally {
            tables.lock.unlock();
        }
    }
}
