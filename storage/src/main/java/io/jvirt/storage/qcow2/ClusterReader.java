// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Reads what the guest sees: data, zeros, decompressed clusters, the backing file where this image has nothing. */
final class ClusterReader {
    private final Tables tables;
    private final @Nullable DiskImage backing;
    private final @Nullable DataTransform transform;
    private final ConcurrentLinkedQueue<ClusterCodec> codecs = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Decompressed latest;

    /** A decompressed cluster and the entry that it was read by. */
    private record Decompressed(long entry, ByteBuffer cluster) {}

    ClusterReader(Tables tables, @Nullable DiskImage backing, @Nullable DataTransform transform) {
        this.tables = tables;
        this.backing = backing;
        this.transform = transform;
    }

    @Nullable
    DiskImage backing() {
        return backing;
    }

    Mapping find(long guestOffset, long maxBytes) throws IOException {
        tables.lock.lock();
        try {
            return Mapping.find(tables, guestOffset, maxBytes);
        } finally {
            tables.lock.unlock();
        }
    }

    void read(long guestOffset, ByteBuffer target) throws IOException {
        long at = guestOffset;
        int limit = target.limit();
        while (target.position() < limit) {
            Mapping mapping = find(at, limit - target.position());
            target.limit(target.position() + (int) mapping.lengthBytes());
            switch (mapping.kind()) {
                case NORMAL -> readData(at, mapping.hostOffset(), target);
                case ZERO, ZERO_PLACED -> zeroFill(target);
                case UNALLOCATED, UNALLOCATED_PLACED -> readBacking(at, target);
                case COMPRESSED -> readCompressed(at, mapping.entry(), target);
            }
            at += mapping.lengthBytes();
            target.limit(limit);
        }
    }

    static void zeroFill(ByteBuffer target) {
        while (target.remaining() >= Long.BYTES) {
            target.putLong(0);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }

    void readData(long guestOffset, long hostOffset, ByteBuffer target) throws IOException {
        DataTransform layer = transform;
        if (layer == null) {
            tables.data.readZeroPadded(hostOffset, target);
            return;
        }
        int sector = layer.sectorBytes();
        int before = (int) (guestOffset % sector);
        int length = (before + target.remaining() + sector - 1) / sector * sector;
        ByteBuffer sectors = ByteBuffer.allocate(length);
        tables.data.readZeroPadded(hostOffset - before, sectors);
        layer.toGuest(sectors.flip(), guestOffset - before, hostOffset - before);
        target.put(sectors.clear().position(before).limit(before + target.remaining()));
    }

    private void readBacking(long guestOffset, ByteBuffer target) throws IOException {
        DiskImage base = backing;
        if (base != null && guestOffset < base.sizeBytes()) {
            int limit = target.limit();
            target.limit(target.position() + (int) Math.min(target.remaining(), base.sizeBytes() - guestOffset));
            base.read(guestOffset, target);
            target.limit(limit);
        }
        zeroFill(target);
    }

    private void readCompressed(long guestOffset, long entry, ByteBuffer target) throws IOException {
        Decompressed cached = latest;
        if (cached == null || cached.entry != entry) {
            cached = new Decompressed(entry, decompress(guestOffset, entry));
            latest = cached;
        }
        int offset = tables.geometry.offsetInCluster(guestOffset);
        target.put(cached.cluster.duplicate().position(offset).limit(offset + target.remaining()));
    }

    /** To be called when compressed data went, as its place can be written anew. */
    void forgetDecompressed() {
        latest = null;
    }

    private ByteBuffer decompress(long guestOffset, long entry) throws IOException {
        int bits = tables.geometry.clusterBits();
        long hostOffset = L2Entry.compressedHostOffset(entry, bits);
        // Data that does not shrink is not stored compressed; an entry may claim up to two clusters all the same.
        ByteBuffer source = ByteBuffer.allocate(L2Entry.compressedLengthBytes(entry, bits));
        int got = tables.file.readUpTo(hostOffset, source);
        source.flip();
        ByteBuffer cluster = ByteBuffer.allocate(tables.geometry.clusterBytes());
        ClusterCodec codec = codecs.poll();
        if (codec == null) {
            codec = Objects.requireNonNull(
                            CompressionType.ofCode(tables.header().compressionType()))
                    .newCodec();
        }
        try {
            codec.decompress(source, cluster);
        } catch (StorageException e) {
            throw new CorruptImageException(
                    "Could not decompress the cluster at guest offset " + tables.geometry.alignDown(guestOffset),
                    tables.file.name(),
                    "compressed data",
                    hostOffset,
                    "a stream of " + cluster.capacity() + " bytes",
                    e.getMessage() + " (" + got + " bytes read)");
        } finally {
            codecs.add(codec);
        }
        return cluster.flip();
    }

    void close() {
        for (ClusterCodec codec = codecs.poll(); codec != null; codec = codecs.poll()) {
            codec.close();
        }
    }
}
