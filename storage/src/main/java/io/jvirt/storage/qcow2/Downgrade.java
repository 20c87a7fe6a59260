// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a version 2 image of a version 3 one. What version 2 cannot hold is refused before anything is changed; zero
 * clusters become data or nothing; the header comes last. Messages are QEMU's.
 */
final class Downgrade {
    private static final int V2_REFCOUNT_ORDER = 4;
    private static final long MAX_V2_STATE_BYTES = 0xffff_ffffL;

    private final Tables tables;
    private final Snapshots snapshots;
    private final @Nullable DataTransform transform;

    Downgrade(Tables tables, Snapshots snapshots, @Nullable DataTransform transform) {
        this.tables = tables;
        this.snapshots = snapshots;
        this.transform = transform;
    }

    /** Refuses what version 2 cannot hold. */
    void check() throws IOException {
        Header header = tables.header();
        if (header.geometry().refcountOrder() != V2_REFCOUNT_ORDER) {
            throw new StorageException("compat=0.10 requires refcount_bits=16");
        }
        if (header.features().hasDataFile()) {
            throw new StorageException("Cannot downgrade an image with a data file");
        }
        List<Snapshot> all = snapshots.list();
        for (Snapshot snapshot : all) {
            if (snapshot.virtualSizeBytes() != header.virtualSizeBytes()
                    || Long.compareUnsigned(snapshot.vmStateBytes(), MAX_V2_STATE_BYTES) > 0) {
                throw new StorageException("Internal snapshots prevent downgrade of image");
            }
        }
        if (header.compressionType() != Header.COMPRESSION_DEFLATE && hasCompressedClusters(all)) {
            throw new StorageException(
                    "Cannot downgrade an image with zstd compression type and existing compressed clusters");
        }
        long incompatible = header.features().incompatible() & ~(Features.DIRTY | Features.COMPRESSION_TYPE);
        if (incompatible != 0) {
            throw new StorageException("Cannot downgrade an image with incompatible features 0x"
                    + Long.toHexString(incompatible) + " set");
        }
    }

    private boolean hasCompressedClusters(List<Snapshot> all) throws IOException {
        boolean found = hasCompressedClusters(tables.l1());
        for (Snapshot snapshot : all) {
            found = found || hasCompressedClusters(snapshots.readL1(snapshot));
        }
        return found;
    }

    private boolean hasCompressedClusters(long[] l1) throws IOException {
        ClusterGeometry geometry = tables.geometry;
        ByteBuffer l2 = ByteBuffer.allocate(geometry.clusterBytes());
        for (long entry : l1) {
            if (L2Entry.hostOffset(entry) == 0) {
                continue;
            }
            tables.file.readZeroPadded(L2Entry.hostOffset(entry), l2.clear());
            for (int at = 0; at < geometry.clusterBytes(); at += geometry.l2EntryBytes()) {
                if (L2Entry.isCompressed(l2.getLong(at))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Runs with the image to itself and with nothing pending. */
    void run(ImageStructure.WorkProgress progress) throws IOException {
        ZeroExpansion expansion = new ZeroExpansion(tables, transform);
        List<Snapshot> all = snapshots.list();
        long entries = tables.l1().length;
        for (Snapshot snapshot : all) {
            entries += snapshot.l1().entries();
        }
        long total = entries;
        expansion.expand(tables.l1(), 0, done -> progress.done(done, total));
        long done = tables.l1().length;
        for (Snapshot snapshot : all) {
            expansion.expand(snapshots.readL1(snapshot), done, now -> progress.done(now, total));
            done += snapshot.l1().entries();
        }
        tables.flush();
        Header header = tables.header();
        tables.writeHeader(header.withVersion(2, header.geometry(), Features.NONE)
                .withCompressionType(Header.COMPRESSION_DEFLATE)
                .withoutExtension(HeaderExtension.FEATURE_NAMES));
    }
}
