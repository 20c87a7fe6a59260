// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** An existing qcow2 image, from an offset on, as the target of compressed clusters, written in the order of the disk. */
final class CompressedImageTarget implements CopyTarget {
    private final Qcow2Image image;
    private final long offset;
    private final boolean zeroInitially;
    private final CompressionType type;
    private final int clusterBytes;

    CompressedImageTarget(Qcow2Image image, long offset, boolean zeroInitially) {
        this.image = image;
        this.offset = offset;
        this.zeroInitially = zeroInitially;
        this.type = image.header().compressionType() == Header.COMPRESSION_ZSTD
                ? CompressionType.ZSTD
                : CompressionType.ZLIB;
        this.clusterBytes = image.header().geometry().clusterBytes();
    }

    @Override
    public int blockBytes() {
        return clusterBytes;
    }

    @Override
    public Worker newWorker() {
        return new CompressingWorker();
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}

    private final class CompressingWorker implements Worker {
        private final ClusterCodec codec = type.newCodec();
        private ByteBuffer output = ByteBuffer.allocate(0);
        private ByteBuffer data = ByteBuffer.allocate(0);
        private boolean[] wanted = new boolean[0];
        private int[] ends = new int[0];

        @Override
        public void prepare(Run run, ByteBuffer runData, boolean[] runWanted) throws IOException {
            data = runData;
            wanted = runWanted;
            int clusters = clusters(run);
            if (output.capacity() < clusters * clusterBytes) {
                output = PageBuffer.allocate(clusters * clusterBytes);
            }
            ends = Arrays.copyOf(ends, clusters);
            output.clear();
            for (int i = 0; i < clusters; i++) {
                int start = output.position();
                if (wanted[i]) {
                    output.limit(start + clusterBytes - 1);
                    ByteBuffer cluster =
                            data.duplicate().limit((i + 1) * clusterBytes).position(i * clusterBytes);
                    if (!codec.compress(cluster, output)) {
                        output.position(start);
                    }
                }
                ends[i] = output.position();
            }
        }

        private int clusters(Run run) {
            return (int) ((run.lengthBytes() + clusterBytes - 1) / clusterBytes);
        }

        @Override
        public void place(Run run) throws IOException {
            if (run.zero()) {
                zero(run.guestOffset(), run.lengthBytes());
                return;
            }
            for (int i = 0; i < clusters(run); i++) {
                long guestOffset = run.guestOffset() + (long) i * clusterBytes;
                int length = (int) Math.min(clusterBytes, run.endOffset() - guestOffset);
                int start = i == 0 ? 0 : ends[i - 1];
                if (!wanted[i]) {
                    zero(guestOffset, length);
                } else if (ends[i] == start) {
                    image.write(
                            offset + guestOffset,
                            data.duplicate().limit(i * clusterBytes + length).position(i * clusterBytes));
                } else {
                    image.writeCompressed(
                            offset + guestOffset,
                            output.duplicate().limit(ends[i]).position(start));
                }
            }
        }

        private void zero(long guestOffset, long lengthBytes) throws IOException {
            if (!zeroInitially) {
                image.zero(offset + guestOffset, lengthBytes, true);
            }
        }

        @Override
        public void store(Run run, ByteBuffer runData) {}

        @Override
        public void close() {
            codec.close();
        }
    }
}
