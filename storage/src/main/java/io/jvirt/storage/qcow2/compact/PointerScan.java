// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.compact.Pointer.Level;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pointers of an image that a check has found sound. Compressed clusters, which share host clusters and reach
 * from one into the next, have a scan of their own.
 */
final class PointerScan {
    private static final int L1_SLOT = 40;
    private static final int REFCOUNT_TABLE_SLOT = 48;
    private static final int SNAPSHOTS_SLOT = 64;
    private static final int HEADER_LENGTH_AT = 100;
    private static final int VERSION_2_HEADER_BYTES = 72;
    private static final int PIECE_BYTES = 1 << 20;

    private final ByteStore store;
    private final Header header;
    private final ClusterGeometry geometry;
    private final Visitor visitor;
    private final @Nullable Entries compressed;
    private final BitSet seenTables = new BitSet();

    /** Takes pointers. */
    @FunctionalInterface
    interface Visitor {
        void visit(Pointer pointer) throws IOException;
    }

    /** Takes the entries of a table. */
    @FunctionalInterface
    interface Entries {
        void entry(long slotOffset, long entry) throws IOException;
    }

    private PointerScan(ByteStore store, Header header, Visitor visitor, @Nullable Entries compressed) {
        this.store = store;
        this.header = header;
        this.geometry = header.geometry();
        this.visitor = visitor;
        this.compressed = compressed;
    }

    static void run(ByteStore store, Header header, Visitor visitor) throws IOException {
        PointerScan scan = new PointerScan(store, header, visitor, null);
        scan.l1(L1_SLOT, header.l1());
        scan.snapshots();
        scan.bitmaps();
        TableLocation refcounts = header.refcountTable();
        scan.visit(REFCOUNT_TABLE_SLOT, refcounts.hostOffset(), refcounts.entries(), Level.DIRECTORY);
    }

    /** The L2 entries of compressed clusters; those of a table that snapshots share come once. */
    static void compressed(ByteStore store, Header header, Entries compressed) throws IOException {
        PointerScan scan = new PointerScan(store, header, pointer -> {}, compressed);
        scan.l1(L1_SLOT, header.l1());
        scan.snapshots();
    }

    private void visit(long slot, long hostOffset, long clusters, Level level) throws IOException {
        if (hostOffset != 0 && clusters > 0) {
            visitor.visit(new Pointer(slot, hostOffset >>> geometry.clusterBits(), (int) clusters, level));
        }
    }

    private void snapshots() throws IOException {
        Snapshot.Table table = Snapshot.readTable(store, header, false);
        long at = header.snapshots().hostOffset();
        for (int i = 0; i < table.snapshots().size(); i++) {
            Snapshot snapshot = table.snapshots().get(i);
            l1(at, snapshot.l1());
            ByteBuffer lengths = read(at + 12, 4);
            long names = (lengths.getShort(0) & 0xffff) + (lengths.getShort(2) & 0xffff);
            at += (40 + table.extraBytes().get(i) + names + 7) / 8 * 8;
        }
        visit(
                SNAPSHOTS_SLOT,
                header.snapshots().hostOffset(),
                geometry.clustersFor(table.lengthBytes()),
                Level.DIRECTORY);
    }

    private void l1(long slot, TableLocation l1) throws IOException {
        visit(slot, l1.hostOffset(), geometry.clustersFor(l1.entries() * 8L), Level.ROOT);
        entries(l1.hostOffset(), l1.entries() * 8L, 8, (at, entry) -> {
            long table = L2Entry.hostOffset(entry);
            visit(at, table, 1, Level.TABLE);
            int cluster = (int) (table >>> geometry.clusterBits());
            if (table != 0 && !seenTables.get(cluster)) {
                seenTables.set(cluster);
                l2(table);
            }
        });
    }

    private void l2(long table) throws IOException {
        if (header.features().hasDataFile()) {
            return;
        }
        entries(table, geometry.clusterBytes(), geometry.l2EntryBytes(), (at, entry) -> {
            if (!L2Entry.isCompressed(entry)) {
                visit(at, L2Entry.hostOffset(entry), 1, Level.GUEST);
            } else if (compressed != null) {
                compressed.entry(at, entry);
            }
        });
    }

    private void bitmaps() throws IOException {
        HeaderExtension extension = header.extension(HeaderExtension.BITMAPS);
        if (extension == null || (header.features().autoclear() & Features.BITMAPS) == 0) {
            return;
        }
        ByteBuffer fields = ByteBuffer.wrap(extension.data());
        long directory = fields.getLong(16);
        long bytes = fields.getLong(8);
        visit(bitmapsSlot(), directory, geometry.clustersFor(bytes), Level.DIRECTORY);
        long at = directory;
        for (BitmapEntry bitmap : BitmapEntry.readDirectory(store, header)) {
            TableLocation table = bitmap.table();
            visit(at, table.hostOffset(), geometry.clustersFor(table.entries() * 8L), Level.TABLE);
            entries(
                    table.hostOffset(),
                    table.entries() * 8L,
                    8,
                    (slot, entry) -> visit(slot, entry & Pointer.OFFSET_MASK, 1, Level.BITMAP));
            ByteBuffer lengths = read(at + 18, 6);
            at += (24 + (lengths.getShort(0) & 0xffff) + Integer.toUnsignedLong(lengths.getInt(2)) + 7) / 8 * 8;
        }
    }

    /** Where the extension in the header has the directory's offset. */
    private long bitmapsSlot() throws IOException {
        ByteBuffer start = read(0, geometry.clusterBytes());
        int at = header.version() < 3 ? VERSION_2_HEADER_BYTES : start.getInt(HEADER_LENGTH_AT);
        while (start.getInt(at) != HeaderExtension.BITMAPS) {
            at += 8 + (start.getInt(at + 4) + 7) / 8 * 8;
        }
        return at + 8 + 16;
    }

    private void entries(long offset, long bytes, int step, Entries entries) throws IOException {
        for (long at = 0; at < bytes; at += PIECE_BYTES) {
            ByteBuffer piece = read(offset + at, (int) Math.min(PIECE_BYTES, bytes - at));
            for (int i = 0; i < piece.limit(); i += step) {
                long entry = piece.getLong(i);
                if (entry != 0) {
                    entries.entry(offset + at + i, entry);
                }
            }
        }
    }

    private ByteBuffer read(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        store.readZeroPadded(offset, bytes);
        return bytes.flip();
    }
}
