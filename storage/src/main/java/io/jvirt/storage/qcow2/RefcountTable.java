// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.util.Arrays;

/**
 * The refcount table in memory: for each region (the run of clusters that one block counts) where its block lies, 0 for none;
 * where the table itself lies, and which of its entries are not on disk yet.
 */
final class RefcountTable {
    /** Bits 0-8 of an entry are reserved. */
    private static final long RESERVED_MASK = 0x1ff;

    private final Tables tables;
    private final ByteStore file;
    private final ClusterGeometry geometry;
    private long[] entries;
    private TableLocation location;
    private int dirtyFrom = Integer.MAX_VALUE;
    private int dirtyTo = -1;
    private boolean needsPlace;

    private RefcountTable(Tables tables, long[] entries, TableLocation location) {
        this.tables = tables;
        this.file = tables.file;
        this.geometry = tables.geometry;
        this.entries = entries;
        this.location = location;
    }

    static RefcountTable open(Tables tables) throws IOException {
        ByteStore file = tables.file;
        Header header = tables.header();
        TableLocation location = header.refcountTable();
        long bytes = (long) location.entries() << header.geometry().clusterBits();
        if (location.hostOffset() == 0 || location.hostOffset() >= file.sizeBytes()) {
            throw new CorruptImageException(
                    "Could not read reference count table",
                    file.name(),
                    "refcount table offset",
                    48,
                    "an offset within the file of " + file.sizeBytes() + " bytes",
                    Long.toString(location.hostOffset()));
        }
        long[] entries = L1Table.readEntries(file, location.hostOffset(), (int) (bytes / Long.BYTES));
        return new RefcountTable(tables, entries, location);
    }

    /** The table as it is now, which later changes leave alone. */
    RefcountTable copy() {
        return new RefcountTable(tables, entries.clone(), location);
    }

    /** The host offsets of the blocks; not to be changed. */
    long[] entries() {
        return entries;
    }

    int length() {
        return entries.length;
    }

    /** Its entries are counted in clusters, as in the header. */
    TableLocation location() {
        return location;
    }

    boolean hasBlock(long region) throws IOException {
        return region < entries.length && block((int) region) != 0;
    }

    /** The host offset of a region's block. */
    long block(int region) throws IOException {
        long entry = entries[region];
        if ((entry & RESERVED_MASK) != 0 || geometry.offsetInCluster(entry) != 0 || entry < 0) {
            throw tables.damage.marked(new CorruptImageException(
                    "Refblock offset " + DamageReport.hex(entry) + " unaligned (reftable index: "
                            + DamageReport.hex(region) + ")",
                    file.name(),
                    "refcount table entry " + region,
                    location.hostOffset() + region * 8L,
                    "a multiple of " + geometry.clusterBytes(),
                    "0x" + Long.toHexString(entry)));
        }
        return entry;
    }

    /** Refuses a table that names a block where there can be none, before anything is changed that would have to read it. */
    void checkBlocks() throws IOException {
        long end = file.sizeBytes();
        for (int region = 0; region < entries.length; region++) {
            long block = block(region);
            if (block >= end) {
                throw tables.damage.marked(new CorruptImageException(
                        "Refblock at " + DamageReport.hex(block) + " is not covered by the refcount structures",
                        file.name(),
                        "refcount table entry " + region,
                        location.hostOffset() + region * 8L,
                        "an offset within the file of " + end + " bytes",
                        "0x" + Long.toHexString(block)));
            }
        }
    }

    /** Gives a region its block, 0 for none; a table that is too short grows and then {@link #needsPlace}. */
    void setBlock(long region, long hostOffset) throws IOException {
        if (region >= entries.length) {
            grow(region + 1);
        }
        entries[(int) region] = hostOffset;
        dirtyFrom = (int) Math.min(dirtyFrom, region);
        dirtyTo = (int) Math.max(dirtyTo, region);
    }

    private void grow(long neededEntries) throws IOException {
        long wanted = Math.max(neededEntries, entries.length + (entries.length >> 1));
        long clusters = geometry.clustersFor(wanted * Long.BYTES);
        long max = Math.max(1, Header.MAX_REFCOUNT_TABLE_BYTES >> geometry.clusterBits());
        if (clusters > max) {
            clusters = geometry.clustersFor(neededEntries * Long.BYTES);
        }
        if (clusters > max) {
            throw new StorageException(
                    "'" + file.name() + "' cannot grow: its refcount table would be larger than "
                            + Header.MAX_REFCOUNT_TABLE_BYTES + " bytes",
                    "convert it to a larger cluster size");
        }
        entries = Arrays.copyOf(entries, (int) (clusters << geometry.clusterBits() >> 3));
        needsPlace = true;
    }

    /** Whether it does not fit any more where it lies. */
    boolean needsPlace() {
        return needsPlace;
    }

    int clusters() {
        return entries.length >> (geometry.clusterBits() - 3);
    }

    /** It is to lie elsewhere, and all of it is to be written. */
    void move() {
        needsPlace = true;
    }

    /** It lies here from now on; the header names the former place until the caller changes that. */
    void place(long hostOffset) {
        location = new TableLocation(hostOffset, clusters());
        needsPlace = false;
        dirtyFrom = 0;
        dirtyTo = entries.length - 1;
    }

    boolean isDirty() {
        return dirtyTo >= dirtyFrom;
    }

    /** Writes the changed entries; the blocks they name are on disk already. */
    void write() throws IOException {
        L1Table.writeEntries(file, location.hostOffset(), entries, dirtyFrom, dirtyTo);
        dirtyFrom = Integer.MAX_VALUE;
        dirtyTo = -1;
    }
}
