// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderWriter;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An open image's header, L1 table, cached L2 tables and refcounts, and the lock that guards them. {@link #checkpoint} is
 * where the order of writes is kept: all that has to wait for something else to be on the disk is here, so that one place
 * knows it.
 */
final class Tables {
    static final int MAX_SLICE_BYTES = 65536;

    private static final int CHUNK_BYTES = 1 << 20;

    final ByteStore file;

    /** Where data clusters lie: the external data file, or the image itself. */
    final ByteStore data;

    final boolean externalData;
    final ClusterGeometry geometry;
    final ReentrantLock lock = new ReentrantLock();
    final Releases releases;

    private final TableCache l2;
    private @Nullable Refcounts refcounts;
    private @Nullable MetadataClusters metadata;
    private volatile Header header;
    private long[] l1;
    private boolean tablesChecked;
    private int dirtyFrom = Integer.MAX_VALUE;
    private int dirtyTo = -1;

    Tables(ByteStore file, ByteStore data, Header header, int cacheBytes) throws IOException {
        this.file = file;
        this.data = data;
        this.externalData = data != file;
        this.header = header;
        this.geometry = header.geometry();
        TableLocation location = header.l1();
        checkL1(location);
        this.l1 = readTable(file, location.hostOffset(), location.entries());
        checkTableCount(location);
        int sliceBytes = Math.min(geometry.clusterBytes(), MAX_SLICE_BYTES);
        this.l2 = new TableCache(
                file, sliceBytes, Math.max(4, cacheBytes / Math.max(sliceBytes, 4096)), this::checkpoint);
        this.releases = new Releases(this);
    }

    /** A short file must not make us reserve memory for a table that it does not hold. */
    private void checkL1(TableLocation location) throws IOException {
        long end = location.hostOffset() + location.entries() * 8L;
        if (end > geometry.alignUp(file.sizeBytes()) && location.entries() > 0) {
            throw new CorruptImageException(
                    "Could not read L1 table",
                    file.name(),
                    "L1 table",
                    location.hostOffset(),
                    "a table within the file of " + file.sizeBytes() + " bytes",
                    "a table that ends at " + end);
        }
    }

    /** More L2 tables than clusters in the file: some are named twice, and walking them could take for ever. */
    private void checkTableCount(TableLocation location) throws IOException {
        long named = 0;
        for (long entry : l1) {
            named += L2Entry.hostOffset(entry) == 0 ? 0 : 1;
        }
        long clusters = geometry.clustersFor(file.sizeBytes());
        if (named > clusters) {
            throw new CorruptImageException(
                    "L1 table names more L2 tables than the file can hold",
                    file.name(),
                    "L1 table",
                    location.hostOffset(),
                    "at most " + clusters + " tables",
                    Long.toString(named));
        }
    }

    /** Two ranges of the guest cannot lie in one L2 table; a walk over all of them could take for ever. */
    void checkTablesAreNamedOnce() throws IOException {
        if (tablesChecked) {
            return;
        }
        int count = 0;
        long before = 0;
        boolean rising = true;
        long repeated = 0;
        for (long entry : l1) {
            long hostOffset = L2Entry.hostOffset(entry);
            if (hostOffset != 0) {
                count++;
                rising &= hostOffset > before;
                repeated = hostOffset == before ? hostOffset : repeated;
                before = hostOffset;
            }
        }
        // Most tables lie in order, and a copy of the largest takes 32 MiB.
        long[] sorted = new long[rising ? 0 : repeated != 0 ? 2 : count];
        if (repeated != 0) {
            Arrays.fill(sorted, repeated);
        } else if (!rising) {
            int next = 0;
            for (long entry : l1) {
                if (L2Entry.hostOffset(entry) != 0) {
                    sorted[next++] = L2Entry.hostOffset(entry);
                }
            }
            Arrays.sort(sorted);
        }
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw new CorruptImageException(
                        "L1 table names one L2 table more than once",
                        file.name(),
                        "L1 table",
                        header.l1().hostOffset(),
                        "a table of its own for each entry",
                        "0x" + Long.toHexString(sorted[i]) + " again");
            }
        }
        tablesChecked = true;
    }

    /** Read when first needed: an image that is only read has no use for its refcounts. */
    Refcounts refcounts() throws IOException {
        Refcounts present = refcounts;
        if (present == null) {
            present = Refcounts.open(this);
            refcounts = present;
        }
        return present;
    }

    /** Refuses to write guest data where a table lies. */
    void checkDataPlace(long hostOffset, long lengthBytes) throws IOException {
        if (!externalData) {
            metadata().check(hostOffset, lengthBytes);
        }
    }

    MetadataClusters metadata() throws IOException {
        MetadataClusters present = metadata;
        if (present == null) {
            present = new MetadataClusters(this);
            metadata = present;
        }
        return present;
    }

    /** Reads a table of 8-byte entries; entries beyond the end of the file read as 0. */
    static long[] readTable(ByteStore file, long hostOffset, int entries) throws IOException {
        long[] table = new long[entries];
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, entries * 8L));
        for (int i = 0; i < entries; ) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), (entries - i) * 8L));
            file.readZeroPadded(hostOffset + i * 8L, chunk);
            chunk.flip();
            while (chunk.hasRemaining()) {
                table[i++] = chunk.getLong();
            }
        }
        return table;
    }

    /** Writes the entries {@code from} to {@code to}, both included, of a table. */
    static void writeEntries(ByteStore file, long hostOffset, long[] table, int from, int to) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, (to - from + 1) * 8L));
        for (int i = from; i <= to; ) {
            chunk.clear();
            long at = hostOffset + i * 8L;
            while (chunk.hasRemaining() && i <= to) {
                chunk.putLong(table[i++]);
            }
            file.write(at, chunk.flip());
        }
    }

    Header header() {
        return header;
    }

    long[] l1() {
        return l1;
    }

    /** The L1 entry for a guest offset, 0 beyond the table. Its offset is checked. */
    long l1Entry(long guestOffset) throws IOException {
        long index = geometry.l1Index(guestOffset);
        if (index >= l1.length) {
            return 0;
        }
        long entry = l1[(int) index];
        long hostOffset = L2Entry.hostOffset(entry);
        if (geometry.offsetInCluster(hostOffset) != 0) {
            throw marked(corruptL1(index, "a multiple of " + geometry.clusterBytes(), "unaligned"))
                    .at(guestOffset);
        }
        return entry;
    }

    /**
     * Marks a writable image as corrupt, so that nobody else writes to it before it is repaired, and says so as QEMU does.
     */
    CorruptImageException marked(CorruptImageException found) {
        if (file.isReadOnly()) {
            return found.asEvent("qcow2: Image is corrupt: " + found.getMessage()
                    + "; further non-fatal corruption events will be suppressed");
        }
        if (header.version() >= 3 && !header.features().isCorrupt()) {
            try {
                writeHeader(header.withFeatures(header.features().withIncompatible(Features.CORRUPT, true)));
            } catch (IOException e) {
                found.addSuppressed(e);
            }
        }
        return found.asEvent("qcow2: Marking image as corrupt: " + found.getMessage()
                + "; further corruption events will be suppressed");
    }

    /** Numbers in events: 0, else 0x and the digits. */
    static String hex(long value) {
        return value == 0 ? "0" : "0x" + Long.toHexString(value);
    }

    /** Refuses an L2 table that lies where none can lie; {@code l1Index} of any L1 table names it. */
    void checkL2Place(long l2Offset, int l1Index) throws IOException {
        boolean aligned = geometry.offsetInCluster(l2Offset) == 0;
        if (aligned && l2Offset < file.sizeBytes()) {
            return;
        }
        CorruptImageException found = new CorruptImageException(
                "L2 table offset " + hex(l2Offset) + (aligned ? " invalid" : " unaligned") + " (L1 index: "
                        + hex(l1Index) + ")",
                file.name(),
                "L1 entry " + l1Index,
                l2Offset,
                "an aligned offset within the file",
                hex(l2Offset));
        // Behind the end of the file QEMU reads zeros, and does not speak of it.
        throw aligned ? found : marked(found);
    }

    /** For an entry, {@code position} bytes into its L2 table, that names a cluster between two clusters. */
    CorruptImageException unalignedCluster(long hostOffset, long l2Offset, int position) {
        int index = position / geometry.l2EntryBytes();
        return marked(new CorruptImageException(
                "Cluster allocation offset " + hex(hostOffset) + " unaligned (L2 offset: " + hex(l2Offset)
                        + ", L2 index: " + hex(index) + ")",
                file.name(),
                "L2 entry " + index,
                l2Offset + position,
                "a multiple of " + geometry.clusterBytes(),
                hex(hostOffset)));
    }

    private CorruptImageException corruptL1(long index, String expected, String what) {
        return new CorruptImageException(
                "L2 table offset 0x" + Long.toHexString(L2Entry.hostOffset(l1[(int) index])) + " " + what
                        + " (L1 index: " + hex(index) + ")",
                file.name(),
                "L1 entry " + index,
                header.l1().hostOffset() + index * 8,
                expected,
                "0x" + Long.toHexString(l1[(int) index]));
    }

    /** The slice of the L2 table that maps a guest offset; the L1 entry must name a table. */
    TableCache.Slice l2Slice(long guestOffset) throws IOException {
        long table = L2Entry.hostOffset(l1Entry(guestOffset));
        long inTable = (long) geometry.l2Index(guestOffset) * geometry.l2EntryBytes();
        if (table + inTable >= file.sizeBytes()) {
            throw corruptL1(
                    geometry.l1Index(guestOffset),
                    "an offset within the file of " + file.sizeBytes() + " bytes",
                    "invalid");
        }
        return l2.get(table + (inTable & -l2.sliceBytes()));
    }

    /** Where in its slice the entry of a guest offset starts. */
    int l2Position(long guestOffset) {
        return geometry.l2Index(guestOffset) * geometry.l2EntryBytes() & l2.sliceBytes() - 1;
    }

    /** The same for a change: makes the table where there is none, and a copy of one that a snapshot shares. */
    TableCache.Slice l2SliceForChange(long guestOffset) throws IOException {
        long entry = l1Entry(guestOffset);
        if (L2Entry.hostOffset(entry) == 0 || !L2Entry.isCopied(entry)) {
            ownL2Table((int) geometry.l1Index(guestOffset), entry);
        }
        return l2Slice(guestOffset);
    }

    private void ownL2Table(int index, long entry) throws IOException {
        long hostOffset = refcounts().allocateTable(1);
        ByteBuffer content = ByteBuffer.allocate(geometry.clusterBytes());
        long shared = L2Entry.hostOffset(entry);
        if (shared != 0) {
            // A shared table is never changed, so what the file has is what it is.
            file.read(shared, content);
            content.clear();
        }
        l2.forget(hostOffset, geometry.clusterBytes());
        file.write(hostOffset, content);
        metadata().add(hostOffset);
        setL1(index, hostOffset | L2Entry.COPIED);
        if (shared != 0) {
            releases.table(shared, 1);
        }
    }

    void setL1(int index, long entry) {
        l1[index] = entry;
        dirtyFrom = Math.min(dirtyFrom, index);
        dirtyTo = Math.max(dirtyTo, index);
    }

    void markDirty(TableCache.Slice slice) {
        l2.markDirty(slice);
    }

    void forgetTables(long hostOffset, long lengthBytes) {
        l2.forget(hostOffset, lengthBytes);
    }

    /** Replaces the L1 table by one that the caller has written to disk already, in the header too. */
    void switchL1(long[] table, TableLocation location, long virtualSizeBytes) throws IOException {
        file.sync();
        writeHeader(header.withL1(location).withVirtualSize(virtualSizeBytes));
        l1 = table;
        metadata = null;
        dirtyFrom = Integer.MAX_VALUE;
        dirtyTo = -1;
    }

    /**
     * Makes tables that lie beside the present ones the image's own, with counts that were rewritten for them: what the
     * header says of all of them is in its first sector, so that the disk has either all of them or none.
     */
    void switchAll(Header changed, long[] table) throws IOException {
        file.sync();
        writeHeader(changed);
        refcounts().endRewrite();
        l1 = table;
        metadata = null;
        dirtyFrom = Integer.MAX_VALUE;
        dirtyTo = -1;
    }

    /** Counts that were being rewritten are forgotten; those on disk hold. */
    void forgetCounts() {
        refcounts = null;
        metadata = null;
    }

    void writeHeader(Header changed) throws IOException {
        ByteBuffer encoded = HeaderWriter.encode(changed);
        file.write(0, encoded);
        file.sync();
        header = changed;
    }

    /**
     * Before the first change: what a writer does not keep up to date must not pass for valid any more ("autoclear
     * features" in the specification).
     */
    void prepareForChanges() throws IOException {
        Features features = header.features();
        long kept = features.autoclear() & Features.KNOWN_AUTOCLEAR;
        if (kept != features.autoclear()) {
            writeHeader(header.withFeatures(features.withAutoclear(~Features.KNOWN_AUTOCLEAR, false)));
        }
    }

    /**
     * Writes what is dirty so that at each point the disk holds nothing that refers to what is not there yet: refcount
     * blocks, then the refcount table that names them, then (after data and refcounts are synced) L2 tables, then the L1
     * table that names them. Lowered refcounts are written one checkpoint later than the references they follow.
     */
    void checkpoint() throws IOException {
        Refcounts counts = refcounts;
        if (counts != null && counts.isRewriting()) {
            // Nothing on disk names these blocks yet.
            counts.writeBlocks();
            return;
        }
        if (counts != null) {
            if (counts.table().needsPlace()) {
                moveRefcountTable(counts);
            }
            counts.writeBlocks();
            if (counts.table().isDirty()) {
                file.sync();
                counts.table().write();
            }
        }
        if (l2.isDirty()) {
            syncAll();
            l2.writeDirty();
        }
        if (dirtyTo >= dirtyFrom) {
            file.sync();
            writeEntries(file, header.l1().hostOffset(), l1, dirtyFrom, dirtyTo);
            dirtyFrom = Integer.MAX_VALUE;
            dirtyTo = -1;
        }
    }

    private void moveRefcountTable(Refcounts counts) throws IOException {
        TableLocation previous = counts.placeTable();
        counts.writeBlocks();
        counts.table().write();
        file.sync();
        writeHeader(header.withRefcountTable(counts.table().location()));
        releases.table(previous.hostOffset(), previous.entries());
    }

    void syncAll() throws IOException {
        if (externalData) {
            data.sync();
        }
        file.sync();
    }

    /** The checkpoint, made to last; then frees what nothing on disk refers to any more. */
    void flush() throws IOException {
        checkpoint();
        syncAll();
        releases.apply();
    }

    void checkUsable(long guestOffset, long lengthBytes, boolean forWriting) throws IOException {
        if (forWriting && file.isReadOnly()) {
            throw new StorageException("'" + file.name() + "' is open for reading only");
        }
        long size = header.virtualSizeBytes();
        if (guestOffset < 0 || lengthBytes < 0 || guestOffset > size - lengthBytes) {
            throw new StorageException("'" + file.name() + "' has " + size + " bytes; " + lengthBytes
                    + " bytes at offset " + guestOffset + " are not within it");
        }
    }
}
