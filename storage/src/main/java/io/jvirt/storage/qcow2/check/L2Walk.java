// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Follows one L1 table down to the clusters, counts what it refers to and tells what is wrong with the entries. */
final class L2Walk {
    private final CheckContext context;
    private final ReferenceCounter references;
    private final ClusterGeometry geometry;
    private final boolean extended;
    private final boolean dataFile;
    private final WalkBudget budget;

    L2Walk(CheckContext context, ReferenceCounter references, WalkBudget budget) {
        this.context = context;
        this.references = references;
        this.budget = budget;
        geometry = context.geometry;
        extended = geometry.extendedL2();
        dataFile = context.header.features().hasDataFile();
    }

    /** Walks a table; {@code active} tells whether its clusters count for fragmentation. */
    void walkL1(long offset, int entries, boolean active) throws IOException {
        if (entries == 0) {
            return;
        }
        references.add(offset, (long) entries * ClusterGeometry.TABLE_ENTRY_BYTES);
        context.readTable(offset, entries, (index, entry) -> {
            if (entry != 0) {
                walkL1Entry(entry, active);
            }
            return true;
        });
    }

    private void walkL1Entry(long entry, boolean active) throws IOException {
        if ((entry & L2Entry.L1_RESERVED_MASK) != 0) {
            context.corrupt(() -> "ERROR found L1 entry with reserved bits set: " + CheckContext.hex(entry));
        }
        long l2Offset = L2Entry.hostOffset(entry);
        references.add(l2Offset, geometry.clusterBytes());
        if (geometry.offsetInCluster(l2Offset) != 0) {
            context.corrupt(() -> "ERROR l2_offset=" + CheckContext.hex(l2Offset)
                    + ": Table is not cluster aligned; L1 entry corrupted");
        }
        walkL2(l2Offset, active);
    }

    private void walkL2(long l2Offset, boolean active) throws IOException {
        if (l2Offset >= context.fileBytes || budget.isHole(l2Offset, geometry.clusterBytes())) {
            return;
        }
        budget.spend(geometry.l2Entries());
        ByteBuffer l2 = context.read(l2Offset, geometry.clusterBytes());
        long nextContiguous = 0;
        int entryBytes = geometry.l2EntryBytes();
        for (int i = 0; i < geometry.l2Entries(); i++) {
            long entry = l2.getLong(i * entryBytes);
            long bitmap = extended ? l2.getLong(i * entryBytes + 8) : 0;
            if (entry == 0 && bitmap == 0) {
                continue;
            }
            ClusterType type = ClusterType.of(entry, extended, dataFile);
            if (type != ClusterType.COMPRESSED && (entry & L2Entry.RESERVED_MASK) != 0) {
                context.corrupt(() -> "ERROR found l2 entry with reserved bits set: " + CheckContext.hex(entry));
            }
            switch (type) {
                case COMPRESSED -> compressed(entry, bitmap, i, active);
                case ZERO_ALLOCATED, NORMAL -> {
                    long offset = L2Entry.hostOffset(entry);
                    if ((bitmap >>> 32 & bitmap) != 0) {
                        context.corrupt(() -> "ERROR offset=" + CheckContext.hex(offset)
                                + ": Allocated cluster has corrupted subcluster allocation bitmap");
                    }
                    if (geometry.offsetInCluster(offset) != 0 && unaligned(entry, bitmap, offset, l2Offset, i)) {
                        continue;
                    }
                    if (active) {
                        context.allocatedClusters++;
                        if (nextContiguous != 0 && offset != nextContiguous) {
                            context.fragmentedClusters++;
                        }
                        nextContiguous = offset + geometry.clusterBytes();
                    }
                    if (!dataFile) {
                        references.add(offset, geometry.clusterBytes());
                    }
                }
                case UNALLOCATED -> {
                    if ((bitmap & L2Entry.ALL_ALLOCATED) != 0) {
                        context.corrupt(() -> "ERROR: Unallocated cluster has non-zero subcluster allocation map");
                    }
                }
                case ZERO_PLAIN -> {}
            }
        }
    }

    private void compressed(long entry, long bitmap, int index, boolean active) throws IOException {
        long clean = entry & ~L2Entry.COPIED;
        if (L2Entry.isCopied(entry)) {
            context.corrupt(() -> "ERROR: coffset=0x"
                    + CheckContext.hex(L2Entry.compressedHostOffset(entry, geometry.clusterBits()))
                    + ": copied flag must never be set for compressed clusters");
        }
        if (dataFile) {
            context.corrupt(
                    () -> "ERROR compressed cluster " + index + " with data file, entry=" + CheckContext.hex0x(clean));
            return;
        }
        if (bitmap != 0) {
            context.corrupt(() -> "ERROR compressed cluster " + index
                    + " with non-zero subcluster allocation bitmap, entry=" + CheckContext.hex0x(clean));
            return;
        }
        references.add(
                L2Entry.compressedHostOffset(clean, geometry.clusterBits()),
                L2Entry.compressedLengthBytes(clean, geometry.clusterBits()));
        if (active) {
            context.allocatedClusters++;
            context.compressedClusters++;
            // Neighbours share sectors that are read twice: compressed clusters are fragmented by nature.
            context.fragmentedClusters++;
        }
    }

    /** A cluster between two places. One without data needs none; true when it was taken away. */
    private boolean unaligned(long entry, long bitmap, long offset, long l2Offset, int index) throws IOException {
        boolean holdsData = extended ? (bitmap & L2Entry.ALL_ALLOCATED) != 0 : (entry & L2Entry.ZERO) == 0;
        if (holdsData) {
            context.corrupt(() -> "ERROR offset=" + CheckContext.hex(offset)
                    + ": Data cluster is not properly aligned; L2 entry corrupted.");
            return false;
        }
        context.corrupt(() -> context.repairingOrError() + " offset=" + CheckContext.hex(offset)
                + ": Preallocated cluster is not properly aligned; L2 entry corrupted.");
        if (!context.repair.errors()) {
            return false;
        }
        // Subclusters keep their bitmap: those that are not zeros there are the backing file's.
        ByteBuffer plain = ByteBuffer.allocate(Long.BYTES).putLong(extended ? 0 : L2Entry.ZERO);
        context.store.write(l2Offset + (long) index * geometry.l2EntryBytes(), plain.flip());
        context.corruptions--;
        context.corruptionsFixed++;
        return true;
    }
}
