// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A new qcow2 image as the target. Data clusters follow each other in the file in the order of the disk, whatever thread
 * writes them. The image has no snapshots, no encryption and no external data file.
 */
final class Qcow2Target implements CopyTarget {
    private final ByteStore file;
    private final Qcow2Layout layout;
    private final ClusterGeometry geometry;
    private final boolean overBacking;
    private final @Nullable CompressionType compression;

    /**
     * @param header what the new image is, without the places of its tables
     * @param compression to compress each cluster, or null
     */
    Qcow2Target(ByteStore file, Header header, @Nullable CompressionType compression) throws IOException {
        this(file, header, new Qcow2Layout(file, header), compression);
    }

    /** With the tables where the layout writes them, and only the data in {@code file}. */
    Qcow2Target(ByteStore file, Header header, Qcow2Layout layout, @Nullable CompressionType compression) {
        this.file = file;
        this.layout = layout;
        this.geometry = header.geometry();
        this.overBacking = header.backingFile() != null;
        this.compression = compression;
    }

    @Override
    public int blockBytes() {
        return geometry.clusterBytes();
    }

    @Override
    public int scanBytes() {
        return geometry.subclusterBytes();
    }

    @Override
    public boolean tryToShare(HostFile stored, long hostOffset, long guestOffset) throws IOException {
        // The header comes last: until then its block is free for the trial.
        return compression == null
                && geometry.clusterBytes() >= BlockSharing.BLOCK_BYTES
                && file instanceof HostFile host
                && host.cloneRange(0, stored, hostOffset, BlockSharing.BLOCK_BYTES)
                && host.punchHole(0, BlockSharing.BLOCK_BYTES);
    }

    @Override
    public Worker newWorker() {
        return compression == null ? new PlainWorker() : new CompressingWorker(compression);
    }

    @Override
    public void finish() throws IOException {
        layout.finish();
    }

    @Override
    public void close() {}

    /** Where pieces of a run's data go. */
    private static final class Pieces {
        private int[] from = new int[16];
        private int[] to = new int[16];
        private long[] hostOffset = new long[16];
        private int count;

        void clear() {
            count = 0;
        }

        void add(int dataFrom, int dataTo, long host) {
            if (count > 0
                    && to[count - 1] == dataFrom
                    && hostOffset[count - 1] + (dataFrom - from[count - 1]) == host) {
                to[count - 1] = dataTo;
                return;
            }
            if (count == from.length) {
                from = Arrays.copyOf(from, count * 2);
                to = Arrays.copyOf(to, count * 2);
                hostOffset = Arrays.copyOf(hostOffset, count * 2);
            }
            from[count] = dataFrom;
            to[count] = dataTo;
            hostOffset[count++] = host;
        }

        void write(ByteStore file, ByteBuffer data) throws IOException {
            for (int i = 0; i < count; i++) {
                write(i, file, data);
            }
        }

        void share(StoredRange stored, HostFile file) throws IOException {
            for (int i = 0; i < count; i++) {
                stored.place(from[i], to[i] - from[i], file, hostOffset[i]);
            }
        }

        void write(int i, ByteStore file, ByteBuffer data) throws IOException {
            file.write(hostOffset[i], data.duplicate().limit(to[i]).position(from[i]));
        }
    }

    /** Stores clusters as they are. */
    private class PlainWorker implements Worker {
        final Pieces plain = new Pieces();
        private boolean[] wanted = new boolean[0];

        @Override
        public void prepare(Run run, ByteBuffer data, boolean[] runWanted) throws IOException {
            wanted = runWanted;
        }

        @Override
        public void place(Run run) throws IOException {
            plain.clear();
            int cluster = geometry.clusterBytes();
            for (long at = 0; at < run.lengthBytes(); at += cluster) {
                long guestOffset = run.guestOffset() + at;
                long subclusters = run.stored() != null
                        ? L2Entry.ALL_ALLOCATED
                        : run.zero() ? 0 : wantedBits((int) at, run.lengthBytes());
                if (subclusters == 0) {
                    if (overBacking) {
                        layout.placeZero(guestOffset);
                    }
                } else {
                    int end = (int) Math.min(run.lengthBytes(), at + cluster);
                    placeCluster(guestOffset, (int) at, end, bitmap(subclusters));
                }
            }
        }

        void placeCluster(long guestOffset, int from, int to, long bitmap) throws IOException {
            plain.add(from, to, layout.placeData(guestOffset, bitmap));
        }

        /** One bit for each scan unit of a cluster that is to be stored. */
        private long wantedBits(int at, long runLength) {
            int unit = geometry.subclusterBytes();
            long bits = 0;
            for (int i = 0; i < geometry.subclustersPerCluster() && at + (long) i * unit < runLength; i++) {
                if (wanted[at / unit + i]) {
                    bits |= 1L << i;
                }
            }
            return bits;
        }

        /** The extended L2 entry's bitmap: what is stored, and what must hide the backing file with zeros. */
        private long bitmap(long stored) {
            if (!geometry.extendedL2()) {
                return 0;
            }
            return overBacking ? stored | (~stored & L2Entry.ALL_ALLOCATED) << 32 : stored;
        }

        @Override
        public void store(Run run, ByteBuffer data) throws IOException {
            plain.write(file, data);
        }

        @Override
        public void share(Run run, StoredRange stored) throws IOException {
            plain.share(stored, (HostFile) file);
        }
    }

    /** Compresses each cluster, or stores it as it is where that does not make it smaller. */
    private final class CompressingWorker extends PlainWorker {
        private final ClusterCodec codec;
        private final Pieces packed = new Pieces();
        private ByteBuffer output = ByteBuffer.allocate(0);
        private int[] outputEnd = new int[0];

        CompressingWorker(CompressionType type) {
            codec = type.newCodec();
        }

        @Override
        public void prepare(Run run, ByteBuffer data, boolean[] runWanted) throws IOException {
            super.prepare(run, data, runWanted);
            int cluster = geometry.clusterBytes();
            int clusters = (int) geometry.clustersFor(run.lengthBytes());
            if (output.capacity() < clusters * cluster) {
                output = PageBuffer.allocate(clusters * cluster);
                outputEnd = new int[clusters];
            }
            output.clear();
            for (int i = 0; i < clusters; i++) {
                if (anyWanted(runWanted, i)) {
                    int start = output.position();
                    // A result that is not smaller than the cluster is of no use: it is stored as it is.
                    output.limit(start + cluster - 1);
                    ByteBuffer whole = data.duplicate();
                    whole.limit((i + 1) * cluster).position(i * cluster);
                    if (!codec.compress(whole, output)) {
                        output.position(start);
                    }
                }
                outputEnd[i] = output.position();
            }
        }

        @Override
        public void place(Run run) throws IOException {
            packed.clear();
            super.place(run);
        }

        private boolean anyWanted(boolean[] runWanted, int cluster) {
            int per = geometry.subclustersPerCluster();
            for (int i = cluster * per; i < (cluster + 1) * per; i++) {
                if (runWanted[i]) {
                    return true;
                }
            }
            return false;
        }

        @Override
        void placeCluster(long guestOffset, int from, int to, long bitmap) throws IOException {
            int index = from >>> geometry.clusterBits();
            int start = index == 0 ? 0 : outputEnd[index - 1];
            int length = outputEnd[index] - start;
            if (length == 0) {
                super.placeCluster(guestOffset, from, to, bitmap);
            } else {
                packed.add(start, start + length, layout.placeCompressed(guestOffset, length));
            }
        }

        @Override
        public void store(Run run, ByteBuffer data) throws IOException {
            int nextPlain = 0;
            int nextPacked = 0;
            while (nextPlain < plain.count || nextPacked < packed.count) {
                if (nextPacked == packed.count
                        || (nextPlain < plain.count && plain.hostOffset[nextPlain] < packed.hostOffset[nextPacked])) {
                    plain.write(nextPlain++, file, data);
                } else {
                    packed.write(nextPacked++, file, output);
                }
            }
        }

        @Override
        public void close() {
            codec.close();
        }
    }
}
