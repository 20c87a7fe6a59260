// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Counts all references of an image: header, active tables, snapshots, refcount structures, encryption header, bitmaps. */
final class ReferenceCount {
    /** Bits of a bitmap table entry: 9 to 55 the offset, bit 0 all ones where there is no offset. */
    private static final long BITMAP_OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

    private static final long BITMAP_RESERVED_MASK = 0xff00_0000_0000_01feL;
    private static final int MAX_BITMAP_TABLE_ENTRIES = 0x800_0000 / 8;

    private final CheckContext context;
    private final ReferenceCounter references;
    private final SnapshotScan snapshots;
    private final WalkBudget budget;

    ReferenceCount(CheckContext context, ClusterCounts counts, SnapshotScan snapshots, WalkBudget budget) {
        this.context = context;
        this.references = new ReferenceCounter(context, counts);
        this.snapshots = snapshots;
        this.budget = budget;
    }

    /** Counts everything but the refcount structures' own clusters. */
    void countContent() throws IOException {
        Header header = context.header;
        context.allocatedClusters = 0;
        context.fragmentedClusters = 0;
        context.compressedClusters = 0;
        references.add(0, context.geometry.clusterBytes());
        L2Walk walk = new L2Walk(context, references, budget);
        walk.walkL1(header.l1().hostOffset(), header.l1().entries(), true);
        int count = snapshots.snapshots.size();
        if (header.features().hasDataFile() && count > 0) {
            context.corrupt("ERROR " + count + " snapshots in image with data file");
        }
        for (Snapshot snapshot : snapshots.snapshots) {
            if (isSound(snapshot)) {
                walk.walkL1(snapshot.l1().hostOffset(), snapshot.l1().entries(), false);
            }
        }
        references.add(header.snapshots().hostOffset(), snapshots.tableBytes);
        countEncryptionHeader();
    }

    private boolean isSound(Snapshot snapshot) {
        long offset = snapshot.l1().hostOffset();
        int entries = snapshot.l1().entries();
        String name = snapshot.id() + " (" + snapshot.name() + ")";
        if (context.geometry.offsetInCluster(offset) != 0 || offset < 0) {
            context.corrupt("ERROR snapshot " + name + " l1_offset=" + CheckContext.hexAlternate(offset)
                    + ": L1 table is not cluster aligned; snapshot table entry corrupted");
            return false;
        }
        if (entries < 0 || entries > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
            context.corrupt(
                    "ERROR snapshot " + name + " l1_size=" + CheckContext.hexAlternate(Integer.toUnsignedLong(entries))
                            + ": L1 table is too large; snapshot table entry corrupted");
            return false;
        }
        return true;
    }

    void countEncryptionHeader() throws IOException {
        HeaderExtension extension = context.header.extension(HeaderExtension.ENCRYPTION_HEADER);
        if (extension != null && extension.data().length >= 16) {
            ByteBuffer place = ByteBuffer.wrap(extension.data());
            references.add(place.getLong(0), place.getLong(8));
        }
    }

    /** Bitmap directory, tables and data. False where the directory cannot be read. */
    boolean countBitmaps() throws IOException {
        HeaderExtension extension = context.header.extension(HeaderExtension.BITMAPS);
        if (extension == null || extension.data().length != 24) {
            return true;
        }
        ByteBuffer data = ByteBuffer.wrap(extension.data());
        if ((context.header.features().autoclear() & 1) == 0 || data.getInt(0) == 0) {
            return true;
        }
        references.add(data.getLong(16), data.getLong(8));
        Iterable<BitmapEntry> entries;
        try {
            entries = BitmapEntry.readDirectory(context.store, context.header);
        } catch (CorruptImageException e) {
            context.corruptions++;
            return false;
        }
        for (BitmapEntry bitmap : entries) {
            int length = bitmap.table().entries();
            references.add(bitmap.table().hostOffset(), Integer.toUnsignedLong(length) * 8);
            if (length < 0
                    || length > MAX_BITMAP_TABLE_ENTRIES
                    || bitmap.table().hostOffset() < 0) {
                context.corruptions++;
                return false;
            }
            countBitmapTable(bitmap.table().hostOffset(), length);
        }
        return true;
    }

    private void countBitmapTable(long offset, int length) throws IOException {
        // In pieces: a table may have 16 million entries.
        int piece = 64 * 1024 / 8;
        for (int start = 0; start < length; start += piece) {
            int count = Math.min(piece, length - start);
            if (budget.isHole(offset + start * 8L, count * 8L)) {
                continue;
            }
            budget.spend(count);
            ByteBuffer table = context.read(offset + start * 8L, count * 8);
            for (int i = 0; i < count; i++) {
                long entry = table.getLong(i * 8);
                long cluster = entry & BITMAP_OFFSET_MASK;
                boolean sound = (entry & BITMAP_RESERVED_MASK) == 0
                        && (cluster == 0 || (context.geometry.offsetInCluster(cluster) == 0 && (entry & 1) == 0));
                if (!sound) {
                    context.corruptions++;
                } else if (cluster != 0) {
                    references.add(cluster, context.geometry.clusterBytes());
                }
            }
        }
    }

    void countRefcountTable() throws IOException {
        references.add(
                context.header.refcountTable().hostOffset(),
                (long) context.header.refcountTable().entries() << context.geometry.clusterBits());
    }

    void checkRefcountBlocks(StoredRefcounts stored, boolean repairing) throws IOException {
        ClusterGeometry geometry = context.geometry;
        for (int i = 0; i < stored.tableEntries(); i++) {
            long entry = stored.tableEntry(i);
            if (entry == 0) {
                continue;
            }
            long offset = entry & ~StoredRefcounts.RESERVED_MASK;
            if ((entry & StoredRefcounts.RESERVED_MASK) != 0) {
                context.corrupt("ERROR refcount table entry " + i + " has reserved bits set");
                context.rebuildNeeded = true;
            } else if (geometry.offsetInCluster(offset) != 0) {
                context.corrupt(
                        "ERROR refcount block " + i + " is not cluster aligned; refcount table entry corrupted");
                context.rebuildNeeded = true;
            } else if (offset < 0 || offset >>> geometry.clusterBits() >= context.fileClusters) {
                outside(i, offset, repairing);
            } else {
                references.add(offset, geometry.clusterBytes());
                long count = references.counts().get(offset >>> geometry.clusterBits());
                if (count != 1) {
                    context.corrupt("ERROR refcount block " + i + " refcount=" + count);
                    context.rebuildNeeded = true;
                }
            }
        }
    }

    private void outside(int index, long offset, boolean repairing) throws IOException {
        context.corrupt((repairing ? "Repairing" : "ERROR") + " refcount block " + index + " is outside image");
        if (!repairing) {
            return;
        }
        // A block far away is no cut-off tail: a file of that length would only be the next problem.
        if (offset < 0 || offset > 2 * context.fileBytes + (1L << 30)) {
            boolean overflows = Long.compareUnsigned(offset, Long.MAX_VALUE - context.geometry.clusterBytes()) > 0;
            context.say("ERROR could not resize image: " + (overflows ? "Invalid argument" : "File too large"));
            context.rebuildNeeded = true;
            return;
        }
        context.store.truncate(offset + context.geometry.clusterBytes());
        context.measureFile();
        context.corruptions--;
        context.corruptionsFixed++;
        references.add(offset, context.geometry.clusterBytes());
    }
}
