// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.Qcow2Image;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Raw bytes that can be read once, from their start to their end, and whose length is not known before. */
public final class StreamSource {
    private static final int CHUNK_BYTES = 4 << 20;
    private static final int BLOCK_BYTES = 4096;
    private static final int SECTOR_BYTES = 512;
    private static final long MAX_GROWTH_BYTES = 1L << 30;

    private final InputStream stream;
    private final CopySettings settings;
    private final RateLimit rate;

    public StreamSource(InputStream stream, CopySettings settings) {
        this.stream = stream;
        this.settings = settings;
        this.rate = new RateLimit(settings.bytesPerSecond());
    }

    /**
     * Writes the bytes into an open image from its start on. The last sector is filled with zeros.
     *
     * @param grows whether the image takes the size of what came; otherwise more than its size is an error, and what is
     *     behind the end of the bytes stays as it is
     */
    public void copyTo(DiskImage target, boolean grows) throws IOException {
        Writer writer = settings.compress() && target instanceof Qcow2Image qcow2
                ? new CompressedWriter(qcow2)
                : new PlainWriter(target);
        byte[] chunk = new byte[CHUNK_BYTES];
        ByteBuffer data = PageBuffer.allocate(CHUNK_BYTES).order(ByteOrder.nativeOrder());
        long size = 0;
        try (writer) {
            for (int got = readChunk(chunk, size); got > 0; got = readChunk(chunk, size)) {
                int length = (got + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
                Arrays.fill(chunk, got, length, (byte) 0);
                data.clear().put(chunk, 0, length);
                makeRoom(target, size + length, grows);
                writer.write(size, data, length);
                size += length;
                rate.pass(length);
            }
        }
        if (grows && target.sizeBytes() != size) {
            target.resize(size);
        }
    }

    private int readChunk(byte[] chunk, long at) throws IOException {
        try {
            return stream.readNBytes(chunk, 0, chunk.length);
        } catch (IOException e) {
            throw ImageCopy.CopyException.of("error while reading at byte " + at, e);
        }
    }

    private static void makeRoom(DiskImage target, long needed, boolean grows) throws IOException {
        long size = target.sizeBytes();
        if (needed > size) {
            if (!grows) {
                throw new StorageException("output file is smaller than input file");
            }
            target.resize(Math.max(needed, size + Math.min(size, MAX_GROWTH_BYTES)));
        }
    }

    /** How data reaches the target. */
    private interface Writer extends AutoCloseable {
        void write(long guestOffset, ByteBuffer data, int length) throws IOException;

        @Override
        default void close() {}
    }

    /** Leaves out zeros, block by block. */
    private final class PlainWriter implements Writer {
        private final DiskImage target;
        private final int block;

        PlainWriter(DiskImage target) {
            this.target = target;
            this.block = Math.max(BLOCK_BYTES, (int) Long.highestOneBit(Math.max(1, settings.sparseBytes())));
        }

        @Override
        public void write(long guestOffset, ByteBuffer data, int length) throws IOException {
            int from = 0;
            while (from < length) {
                boolean zero = isZero(data, from, length);
                int to = from;
                while (to < length && isZero(data, to, length) == zero) {
                    to = Math.min(length, to + block);
                }
                if (!zero) {
                    target.write(guestOffset + from, data.duplicate().limit(to).position(from));
                } else if (!settings.targetReadsAsZeros()) {
                    target.zero(guestOffset + from, to - from, true);
                }
                from = to;
            }
        }

        private boolean isZero(ByteBuffer data, int from, int length) {
            return settings.sparseBytes() > 0 && ZeroScan.isZero(data, from, Math.min(block, length - from));
        }
    }

    /** Compresses each cluster, or stores it as it is where that does not make it smaller. */
    private final class CompressedWriter implements Writer {
        private final Qcow2Image target;
        private final ClusterCodec codec;
        private final int cluster;
        private final ByteBuffer output;

        CompressedWriter(Qcow2Image target) {
            this.target = target;
            this.codec =
                    (target.header().compressionType() == 0 ? CompressionType.ZLIB : CompressionType.ZSTD).newCodec();
            this.cluster = target.header().geometry().clusterBytes();
            this.output = PageBuffer.allocate(cluster);
        }

        @Override
        public void write(long guestOffset, ByteBuffer data, int length) throws IOException {
            for (int from = 0; from < length; from += cluster) {
                int size = Math.min(cluster, length - from);
                if (settings.sparseBytes() > 0 && ZeroScan.isZero(data, from, size)) {
                    if (!settings.targetReadsAsZeros()) {
                        target.zero(guestOffset + from, size, true);
                    }
                    continue;
                }
                output.clear().limit(cluster - 1);
                ByteBuffer plain = data.duplicate().limit(from + size).position(from);
                // A short last cluster is stored as it is: a compressed one is always whole.
                if (size == cluster && codec.compress(plain.duplicate(), output)) {
                    target.writeCompressed(guestOffset + from, output.flip());
                } else {
                    target.write(guestOffset + from, plain);
                }
            }
        }

        @Override
        public void close() {
            codec.close();
        }
    }
}
