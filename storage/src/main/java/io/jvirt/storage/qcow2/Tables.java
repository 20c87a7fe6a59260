// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

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
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An open image's header, L1 table, cached L2 tables and refcounts, and the lock that guards them. {@link #checkpoint} is
 * where the order of writes is kept: all that has to wait for something else to be on the disk is here, so that one place
 * knows it.
 */
final class Tables {
    static final int MAX_SLICE_BYTES = 65536;

    final ByteStore file;

    /** Where data clusters lie: the external data file, or the image itself. */
    final ByteStore data;

    final boolean externalData;
    final ClusterGeometry geometry;
    final ReentrantLock lock = new ReentrantLock();
    final Releases releases;
    final DamageReport damage = new DamageReport(this);

    private final TableCache l2;
    private @Nullable Refcounts refcounts;
    private @Nullable MetadataClusters metadata;
    private volatile Header header;
    private L1Table l1;
    private long seenFileBytes;

    Tables(ByteStore file, ByteStore data, Header header, int cacheBytes) throws IOException {
        this.file = file;
        this.data = data;
        this.externalData = data != file;
        this.header = header;
        this.geometry = header.geometry();
        this.l1 = L1Table.read(file, geometry, header.l1());
        int sliceBytes = Math.min(geometry.clusterBytes(), MAX_SLICE_BYTES);
        this.l2 = new TableCache(
                file, sliceBytes, Math.max(4, cacheBytes / Math.max(sliceBytes, 4096)), this::checkpoint);
        this.releases = new Releases(this);
    }

    /** Two ranges of the guest cannot lie in one L2 table; a walk over all of them could take for ever. */
    void checkTablesAreNamedOnce() throws IOException {
        l1.checkTablesAreNamedOnce();
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

    Header header() {
        return header;
    }

    long[] l1() {
        return l1.entries();
    }

    /** The L1 entry for a guest offset, 0 beyond the table. Its offset is checked. */
    long l1Entry(long guestOffset) throws IOException {
        long entry = l1.entry(guestOffset);
        if (geometry.offsetInCluster(L2Entry.hostOffset(entry)) != 0) {
            long index = geometry.l1Index(guestOffset);
            throw damage.marked(l1.corrupt(index, "a multiple of " + geometry.clusterBytes(), "unaligned"))
                    .at(guestOffset);
        }
        return entry;
    }

    /** The slice of the L2 table that maps a guest offset; the L1 entry must name a table. */
    TableCache.Slice l2Slice(long guestOffset) throws IOException {
        long table = L2Entry.hostOffset(l1Entry(guestOffset));
        long inTable = (long) geometry.l2Index(guestOffset) * geometry.l2EntryBytes();
        if (table + inTable >= seenFileBytes) {
            // Files grow, so a look-up that was within it once still is, and asks for no system call.
            seenFileBytes = file.sizeBytes();
            if (table + inTable >= seenFileBytes) {
                throw l1.corrupt(
                        geometry.l1Index(guestOffset),
                        "an offset within the file of " + seenFileBytes + " bytes",
                        "invalid");
            }
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
        l1.set(index, entry);
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
        l1 = new L1Table(file, geometry, header.l1(), table);
        metadata = null;
    }

    /**
     * Makes tables that lie beside the present ones the image's own, with counts that were rewritten for them: what the
     * header says of all of them is in its first sector, so that the disk has either all of them or none.
     */
    void switchAll(Header changed, long[] table) throws IOException {
        file.sync();
        writeHeader(changed);
        refcounts().endRewrite();
        l1 = new L1Table(file, geometry, header.l1(), table);
        metadata = null;
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
        if (l1.isDirty()) {
            file.sync();
            l1.writeDirty();
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
