// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderWriter;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Fills a new image from front to back, for converters: clusters are allocated in guest order (so the layout is the same
 * for any number of threads), data is written by any thread at the host offset it was given, each L2 table is written
 * once when it is complete, refcounts and header at the end. Until {@link #finish()} the file is no image.
 *
 * <p>Layout: header, L1 table, then data clusters with each L2 table before the first cluster that it maps, then refcount
 * blocks and refcount table.
 */
public final class Qcow2BulkWriter {
    private final ByteStore file;
    private final @Nullable ByteStore dataFile;
    private final Qcow2Options options;
    private final long virtualSizeBytes;
    private final ClusterGeometry geometry;
    private final long[] l1;
    private final Deque<OpenTable> open = new ArrayDeque<>();
    private final BulkRefcounts refcounts;
    private long nextGuestOffset;
    private long nextCluster;

    /** Where the next compressed bytes go; 0 where no cluster has room for more. */
    private long compressedAt;

    /** An L2 table that is not complete yet. */
    private record OpenTable(long l1Index, long hostOffset, ByteBuffer entries) {}

    private Qcow2BulkWriter(ByteStore file, @Nullable ByteStore dataFile, Qcow2Options options, long virtualSizeBytes) {
        this.file = file;
        this.dataFile = dataFile;
        this.options = options;
        this.virtualSizeBytes = virtualSizeBytes;
        this.geometry = Qcow2Creator.geometryOf(options);
        this.l1 = new long[(int) geometry.l1EntriesFor(virtualSizeBytes)];
        this.refcounts = new BulkRefcounts(geometry);
        this.nextCluster = 1 + Math.max(1, geometry.clustersFor(l1.length * 8L));
    }

    /** Starts on an empty file; {@code dataFile} is the external data file where the options name one. */
    public static Qcow2BulkWriter begin(
            ByteStore file, @Nullable ByteStore dataFile, Qcow2Options options, long virtualSizeBytes)
            throws IOException {
        Qcow2Creator.checkOptions(options, virtualSizeBytes, Preallocation.OFF);
        return new Qcow2BulkWriter(file, dataFile, options, (virtualSizeBytes + 511) / 512 * 512);
    }

    public int clusterBytes() {
        return geometry.clusterBytes();
    }

    /**
     * Gives a run of guest clusters their place. What of them is not written stays a hole and reads as zeros.
     *
     * @param guestOffset start of a cluster, behind all that was allocated before
     * @return the host offset of the first; the others follow it. With an external data file, the guest offset
     */
    public synchronized long allocate(long guestOffset, long clusters) throws IOException {
        openTables(guestOffset, clusters);
        long first = guestOffset;
        if (dataFile == null) {
            first = nextCluster << geometry.clusterBits();
            nextCluster += clusters;
        }
        for (long i = 0; i < clusters; i++) {
            long offset = i << geometry.clusterBits();
            enter(guestOffset + offset, first + offset | L2Entry.COPIED, L2Entry.ALL_ALLOCATED);
        }
        writeCompleteTables();
        return first;
    }

    /**
     * Gives a run of extended clusters with holes their place: {@link #allocate} for one cluster of which only some
     * subclusters hold data.
     *
     * @param bitmap the allocated subclusters in the low 32 bits, those that read as zeros in the high ones
     */
    public synchronized long allocateSubclusters(long guestOffset, long bitmap) throws IOException {
        long hostOffset = allocate(guestOffset, 1);
        openTables(guestOffset, 0);
        enter(guestOffset, hostOffset | L2Entry.COPIED, bitmap);
        return hostOffset;
    }

    /** Makes a run of clusters read as zeros even where the backing file has data; version 3 only. */
    public synchronized void markZero(long guestOffset, long clusters) throws IOException {
        if (options.version() < 3) {
            throw new StorageException("Zero clusters need compat=1.1");
        }
        openTables(guestOffset, clusters);
        for (long i = 0; i < clusters; i++) {
            long at = guestOffset + (i << geometry.clusterBits());
            enter(at, geometry.extendedL2() ? 0 : L2Entry.ZERO, L2Entry.ALL_ZERO);
        }
        writeCompleteTables();
    }

    /** Gives the compressed data of one cluster its place, behind other compressed data where there is room. */
    public synchronized long allocateCompressed(long guestOffset, int lengthBytes) throws IOException {
        if (dataFile != null) {
            throw new StorageException("Compressed clusters do not go with an external data file");
        }
        openTables(guestOffset, 1);
        long hostOffset = placeCompressed(lengthBytes);
        enter(guestOffset, L2Entry.compressed(hostOffset, lengthBytes, geometry.clusterBits()), 0);
        writeCompleteTables();
        return hostOffset;
    }

    private long placeCompressed(int lengthBytes) throws StorageException {
        int bits = geometry.clusterBits();
        long end = compressedAt + lengthBytes;
        boolean fits = compressedAt != 0 && !refcounts.isFull(compressedAt >>> bits);
        // Beyond its cluster the data may only go on in the next one, if that is still free.
        if (fits && end > geometry.alignUp(compressedAt)) {
            fits = geometry.alignUp(compressedAt) == nextCluster << bits;
        }
        if (!fits) {
            compressedAt = nextCluster << bits;
            end = compressedAt + lengthBytes;
        }
        long hostOffset = compressedAt;
        if (end > L2Entry.compressedOffsetLimit(bits)) {
            throw new StorageException(
                    "'" + file.name() + "' is too large for compressed clusters", "use a smaller cluster size");
        }
        nextCluster = Math.max(nextCluster, geometry.clustersFor(end));
        for (long cluster = hostOffset >>> bits; cluster <= end - 1 >>> bits; cluster++) {
            refcounts.addCompressed(cluster);
        }
        compressedAt = geometry.offsetInCluster(end) == 0 ? 0 : end;
        return hostOffset;
    }

    private void openTables(long guestOffset, long clusters) throws IOException {
        long end = guestOffset + (clusters << geometry.clusterBits());
        if (geometry.offsetInCluster(guestOffset) != 0
                || clusters > 0 && guestOffset < nextGuestOffset
                || end > geometry.alignUp(virtualSizeBytes)) {
            throw new IllegalArgumentException("guest offset " + guestOffset + " out of order or out of range");
        }
        nextGuestOffset = Math.max(nextGuestOffset, end);
        for (long index = geometry.l1Index(guestOffset); index << geometry.l1EntryBits() < end; index++) {
            if (open.isEmpty() || open.getLast().l1Index < index) {
                long hostOffset = nextCluster++ << geometry.clusterBits();
                open.addLast(new OpenTable(index, hostOffset, ByteBuffer.allocate(geometry.clusterBytes())));
                l1[(int) index] = hostOffset | L2Entry.COPIED;
            }
        }
    }

    private void enter(long guestOffset, long entry, long bitmap) {
        long index = geometry.l1Index(guestOffset);
        for (OpenTable table : open) {
            if (table.l1Index == index) {
                int position = geometry.l2Index(guestOffset) * geometry.l2EntryBytes();
                table.entries.putLong(position, entry);
                if (geometry.extendedL2()) {
                    table.entries.putLong(position + 8, bitmap);
                }
                return;
            }
        }
    }

    /** Tables behind which the allocation has gone; the last one may still get entries. */
    private void writeCompleteTables() throws IOException {
        while (open.size() > 1) {
            writeTable(open.removeFirst());
        }
    }

    private void writeTable(OpenTable table) throws IOException {
        file.write(table.hostOffset, table.entries.clear());
    }

    /** Writes data at the host offset that its cluster was given; any thread, any order. */
    public void writeData(long hostOffset, ByteBuffer data) throws IOException {
        (dataFile == null ? file : dataFile).write(hostOffset, data);
    }

    /** Writes all that is still in memory; all data must have been written. The caller syncs. */
    public synchronized void finish() throws IOException {
        while (!open.isEmpty()) {
            writeTable(open.removeFirst());
        }
        long l1Offset = geometry.clusterBytes();
        if (l1.length > 0) {
            Tables.writeEntries(file, l1Offset, l1, 0, l1.length - 1);
        }
        TableLocation refcountTable = refcounts.write(file, nextCluster);
        Header header =
                Qcow2Creator.header(options, virtualSizeBytes, new TableLocation(l1Offset, l1.length), refcountTable);
        if (dataFile != null && dataFile.sizeBytes() < virtualSizeBytes) {
            dataFile.truncate(virtualSizeBytes);
        }
        file.write(0, HeaderWriter.encode(header));
    }
}
