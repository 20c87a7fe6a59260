// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Stores clusters that the caller has compressed, one behind the other, several to a host cluster. */
final class CompressedWriter {
    private final Tables tables;
    private final ClusterReader reader;
    private final ClusterWriter writer;
    private final InFlight inFlight;
    private final ClusterGeometry geometry;

    /** Where the next compressed bytes go; 0 where no cluster has room for more. Guarded by the table lock. */
    private long nextHostOffset;

    CompressedWriter(Tables tables, ClusterReader reader, ClusterWriter writer, InFlight inFlight) {
        this.tables = tables;
        this.reader = reader;
        this.writer = writer;
        this.inFlight = inFlight;
        this.geometry = tables.geometry;
    }

    void write(long guestOffset, ByteBuffer compressed) throws IOException {
        if (tables.externalData) {
            throw new StorageException(
                    "Operation not supported", "an external data file holds no compressed clusters: write without -c");
        }
        if (geometry.offsetInCluster(guestOffset) != 0
                || compressed.remaining() == 0
                || compressed.remaining() >= geometry.clusterBytes()) {
            throw new IllegalArgumentException(
                    compressed.remaining() + " compressed bytes for guest offset " + guestOffset);
        }
        int length = compressed.remaining();
        long hostOffset;
        InFlight.Range range;
        tables.lock.lock();
        try {
            inFlight.await(guestOffset);
            tables.l2SliceForChange(guestOffset);
            hostOffset = allocate(length);
            range = inFlight.add(guestOffset, guestOffset + geometry.clusterBytes());
        } finally {
            tables.lock.unlock();
        }
        boolean linked = false;
        try {
            tables.file.write(hostOffset, compressed);
            tables.lock.lock();
            try {
                TableCache.Slice slice = tables.l2SliceForChange(guestOffset);
                int position = tables.l2Position(guestOffset);
                writer.release(slice.bytes.getLong(position));
                slice.bytes.putLong(position, L2Entry.compressed(hostOffset, length, geometry.clusterBits()));
                if (geometry.extendedL2()) {
                    slice.bytes.putLong(position + 8, 0);
                }
                tables.markDirty(slice);
                reader.forgetDecompressed();
                linked = true;
                inFlight.remove(range);
            } finally {
                tables.lock.unlock();
            }
        } finally {
            if (!linked) {
                tables.lock.lock();
                try {
                    inFlight.remove(range);
                    tables.releases.compressed(hostOffset, length, false);
                } finally {
                    tables.lock.unlock();
                }
            }
        }
    }

    private long allocate(int length) throws IOException {
        int bits = geometry.clusterBits();
        long hostOffset = nextHostOffset;
        long cluster = hostOffset >>> bits;
        if (hostOffset != 0 && canShare(cluster)) {
            long end = hostOffset + length;
            if (end <= geometry.alignUp(hostOffset)) {
                tables.refcounts().add(cluster, 1, 1);
                return advance(hostOffset, length);
            }
            if (tables.refcounts().allocateAt(cluster + 1)) {
                tables.refcounts().add(cluster, 1, 1);
                return advance(hostOffset, length);
            }
        }
        long[] run = tables.refcounts().allocateRun(1);
        if (run[0] + length > L2Entry.compressedOffsetLimit(bits)) {
            tables.releases.data(run[0], 1, false);
            throw new StorageException(
                    "'" + tables.file.name() + "' is too large for compressed clusters", "use a smaller cluster size");
        }
        return advance(run[0], length);
    }

    private boolean canShare(long cluster) throws IOException {
        return tables.refcounts().get(cluster) < geometry.maxRefcount();
    }

    private long advance(long hostOffset, int length) {
        long end = hostOffset + length;
        nextHostOffset = geometry.offsetInCluster(end) == 0 ? 0 : end;
        return hostOffset;
    }

    /** To be called when clusters become free: the one in use may be among them. */
    void startNewCluster() {
        nextHostOffset = 0;
    }
}
