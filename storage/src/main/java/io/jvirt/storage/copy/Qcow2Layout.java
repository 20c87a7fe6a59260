// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderWriter;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The metadata of a new qcow2 image that is filled once, from its start to its end. Clusters 0 to 2 are for header,
 * refcount table and first refcount block, then comes the L1 table; behind it host space is given out in order. Each L2
 * table is written when the next one begins, further refcount blocks at the end of the file, and the header last: until
 * then the file is no qcow2 image. Used by one thread at a time.
 */
final class Qcow2Layout {
    private static final int WRITE_BYTES = 1 << 20;
    private static final int RESERVED_CLUSTERS = 3;

    private final ByteStore file;
    private final Header header;
    private final ClusterGeometry geometry;
    private final long[] l1;
    private final long l1Offset;
    private final ByteBuffer l2;
    private final SharedClusters shared = new SharedClusters();
    private final boolean sequential;
    private long l2HostOffset;
    private long l2Index = -1;
    private long nextHostOffset;
    private long nextCompressedOffset;

    /** @param header the header without its tables */
    Qcow2Layout(ByteStore file, Header header) throws StorageException {
        this(file, header, false);
    }

    /** A layout that never gives out a place before one that it gave out already; only the tables are written to {@code file}. */
    static Qcow2Layout sequential(ByteStore file, Header header) throws StorageException {
        return new Qcow2Layout(file, header, true);
    }

    private Qcow2Layout(ByteStore file, Header header, boolean sequential) throws StorageException {
        this.file = file;
        this.sequential = sequential;
        this.header = header;
        this.geometry = header.geometry();
        long entries = geometry.l1EntriesFor(header.virtualSizeBytes());
        if (entries * ClusterGeometry.TABLE_ENTRY_BYTES > Header.MAX_L1_BYTES) {
            throw new StorageException(
                    "The image size is too large for file format 'qcow2' (try using a larger cluster size)");
        }
        this.l1 = new long[(int) entries];
        this.l2 = PageBuffer.allocate(geometry.clusterBytes());
        this.l1Offset = (long) RESERVED_CLUSTERS << geometry.clusterBits();
        this.nextHostOffset = l1Offset + geometry.alignUp(entries * ClusterGeometry.TABLE_ENTRY_BYTES);
    }

    /** Where the image ends; after {@link #finish()}. */
    long endOffset() {
        return nextHostOffset;
    }

    ClusterGeometry geometry() {
        return geometry;
    }

    /** Gives a guest cluster a host cluster; answers where. {@code subclusters} is the extended entry's bitmap. */
    long placeData(long guestOffset, long subclusters) throws IOException {
        openL2(guestOffset);
        long hostOffset = nextHostOffset;
        nextHostOffset += geometry.clusterBytes();
        setEntry(guestOffset, hostOffset | L2Entry.COPIED, subclusters);
        return hostOffset;
    }

    /** Gives a compressed cluster its place, packed behind the one before; answers where. */
    long placeCompressed(long guestOffset, int lengthBytes) throws IOException {
        openL2(guestOffset);
        long room = geometry.alignUp(nextCompressedOffset) - nextCompressedOffset;
        boolean continues = geometry.alignUp(nextCompressedOffset) == nextHostOffset;
        boolean full = shared.count(nextCompressedOffset >>> geometry.clusterBits()) >= geometry.maxRefcount();
        if (room == 0 || full || ((sequential || lengthBytes > room) && !continues)) {
            nextCompressedOffset = nextHostOffset;
        }
        long hostOffset = nextCompressedOffset;
        nextCompressedOffset += lengthBytes;
        nextHostOffset = Math.max(nextHostOffset, geometry.alignUp(nextCompressedOffset));
        if (nextHostOffset > L2Entry.compressedOffsetLimit(geometry.clusterBits())) {
            throw new StorageException("The compressed image grows beyond what its cluster size can address");
        }
        shared.increment(hostOffset >>> geometry.clusterBits(), (nextCompressedOffset - 1) >>> geometry.clusterBits());
        setEntry(guestOffset, L2Entry.compressed(hostOffset, lengthBytes, geometry.clusterBits()), 0);
        return hostOffset;
    }

    /** Makes a guest cluster read as zeros whatever the backing file holds. */
    void placeZero(long guestOffset) throws IOException {
        if (header.version() == 2) {
            // Version 2 has no zero clusters: a cluster that is never written is a hole and reads as zeros.
            placeData(guestOffset, 0);
        } else {
            openL2(guestOffset);
            setEntry(guestOffset, geometry.extendedL2() ? 0 : L2Entry.ZERO, L2Entry.ALL_ZERO);
        }
    }

    private void setEntry(long guestOffset, long entry, long subclusters) {
        int at = geometry.l2Index(guestOffset) * geometry.l2EntryBytes();
        l2.putLong(at, entry);
        if (geometry.extendedL2()) {
            l2.putLong(at + Long.BYTES, subclusters);
        }
    }

    private void openL2(long guestOffset) throws IOException {
        long index = geometry.l1Index(guestOffset);
        if (index != l2Index) {
            closeL2();
            l2Index = index;
            l2HostOffset = nextHostOffset;
            nextHostOffset += geometry.clusterBytes();
            l1[(int) index] = l2HostOffset | L2Entry.COPIED;
        }
    }

    private void closeL2() throws IOException {
        if (l2Index >= 0) {
            file.write(l2HostOffset, l2.clear());
            l2.clear();
            while (l2.hasRemaining()) {
                l2.putLong(0);
            }
            l2.clear();
        }
    }

    /** Writes what is left: the last L2 table, the L1 table, the refcounts, the header. */
    void finish() throws IOException {
        closeL2();
        l2Index = -1;
        ByteBuffer table = ByteBuffer.allocate(l1.length * ClusterGeometry.TABLE_ENTRY_BYTES);
        for (long entry : l1) {
            table.putLong(entry);
        }
        file.write(l1Offset, table.clear());
        TableLocation refcounts = writeRefcounts();
        file.write(
                0,
                HeaderWriter.encode(
                        header.withL1(new TableLocation(l1Offset, l1.length)).withRefcountTable(refcounts)));
    }

    private TableLocation writeRefcounts() throws IOException {
        long clusters = nextHostOffset >>> geometry.clusterBits();
        long total = clusters;
        long blocks;
        long ownTableClusters;
        while (true) {
            blocks = (total + geometry.refcountBlockEntries() - 1) >>> geometry.refcountBlockBits();
            long tableClusters = geometry.clustersFor(blocks * ClusterGeometry.TABLE_ENTRY_BYTES);
            // A table of one cluster has its place at the start; a longer one goes behind everything.
            ownTableClusters = tableClusters > 1 ? tableClusters : 0;
            if (total == clusters + blocks - 1 + ownTableClusters) {
                break;
            }
            total = clusters + blocks - 1 + ownTableClusters;
        }
        TableLocation location = ownTableClusters == 0
                ? new TableLocation(geometry.clusterBytes(), 1)
                : new TableLocation(blockOffset(blocks), (int) ownTableClusters);
        writeBlocks(total, blocks, ownTableClusters > 0);
        ByteBuffer table = ByteBuffer.allocate(location.entries() << geometry.clusterBits());
        for (long i = 0; i < blocks; i++) {
            table.putLong(blockOffset(i));
        }
        file.write(location.hostOffset(), table.clear());
        nextHostOffset = total << geometry.clusterBits();
        return location;
    }

    private long blockOffset(long index) {
        return index == 0 ? 2L << geometry.clusterBits() : nextHostOffset + ((index - 1) << geometry.clusterBits());
    }

    private void writeBlocks(long total, long blocks, boolean reservedTableIsFree) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(geometry.clusterBytes());
        fillBlock(first, 0, total);
        if (reservedTableIsFree) {
            RefcountBlock.set(first, 1, geometry.refcountOrder(), 0);
        }
        file.write(blockOffset(0), first.clear());
        int perWrite = Math.max(1, WRITE_BYTES >>> geometry.clusterBits());
        ByteBuffer batch = ByteBuffer.allocate((int) Math.min(blocks, perWrite) << geometry.clusterBits());
        for (long from = 1; from < blocks; from += perWrite) {
            int count = (int) Math.min(perWrite, blocks - from);
            batch.clear();
            for (int i = 0; i < count; i++) {
                ByteBuffer block = batch.slice(i << geometry.clusterBits(), geometry.clusterBytes());
                fillBlock(block, (from + i) * geometry.refcountBlockEntries(), total);
            }
            file.write(blockOffset(from), batch.limit(count << geometry.clusterBits()));
        }
    }

    private void fillBlock(ByteBuffer block, long firstCluster, long total) {
        while (block.hasRemaining()) {
            block.putLong(0);
        }
        block.clear();
        int count = (int) Math.min(geometry.refcountBlockEntries(), total - firstCluster);
        RefcountBlock.setOnes(block, 0, count, geometry.refcountOrder());
        for (int i = 0; i < count; i++) {
            int sharers = shared.count(firstCluster + i);
            if (sharers > 1) {
                RefcountBlock.set(block, i, geometry.refcountOrder(), sharers);
            }
        }
    }
}
