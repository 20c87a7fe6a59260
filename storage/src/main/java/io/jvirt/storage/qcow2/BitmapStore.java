// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.StoredText;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bitmaps in the file: their bits, their tables and the directory, written elsewhere before the header names them. */
final class BitmapStore {
    private static final int FLAGS_OFFSET = 12;

    /** The header extension: number of bitmaps, 4 reserved bytes, length and offset of the directory. */
    private static final int PLACE_BYTES = 24;

    private final Tables tables;
    private final ClusterGeometry geometry;

    /** Bitmaps on disk that nothing will refer to once the directory is written. */
    private final List<BitmapEntry> replaced = new ArrayList<>();

    BitmapStore(Tables tables) {
        this.tables = tables;
        geometry = tables.geometry;
    }

    /** What the file has of a bitmap is given up when the directory is written the next time. */
    void replace(HeldBitmap bitmap) {
        if (bitmap.stored) {
            replaced.add(bitmap.entry);
            bitmap.stored = false;
        }
    }

    /** Marks those that take note of writes as complete in memory only; {@code all} is what the directory has. */
    void markInUse(List<HeldBitmap> all) throws IOException {
        HeaderExtension extension = tables.header().extension(HeaderExtension.BITMAPS);
        if (extension == null) {
            return;
        }
        long at = ByteBuffer.wrap(extension.data()).getLong(16);
        boolean marked = false;
        for (HeldBitmap bitmap : all) {
            if (bitmap.records()) {
                ByteBuffer flags = ByteBuffer.allocate(4);
                flags.putInt(bitmap.entry.flags() | BitmapEntry.IN_USE);
                tables.file.write(at + FLAGS_OFFSET, flags.flip());
                marked = true;
            }
            at += encodedBytes(bitmap.entry);
        }
        if (marked) {
            tables.file.sync();
        }
    }

    /** Stores bits and tables, then the directory, then the header that names it. */
    void write(List<HeldBitmap> all) throws IOException {
        int length = 0;
        for (HeldBitmap bitmap : all) {
            BitmapContent content = bitmap.content;
            if (!bitmap.stored && content != null) {
                writeContent(bitmap, content);
            }
            length += encodedBytes(bitmap.entry);
        }
        HeaderExtension previous = tables.header().extension(HeaderExtension.BITMAPS);
        ByteBuffer place = ByteBuffer.allocate(PLACE_BYTES);
        if (!all.isEmpty()) {
            long offset = writeDirectory(all, length);
            place.putInt(all.size()).putInt(0).putLong(length).putLong(offset);
        }
        tables.checkpoint();
        tables.syncAll();
        // Room for all that may have taken a longer refcount table, which the header names by now.
        Header header = tables.header();
        Header changed = all.isEmpty()
                ? header.withoutExtension(HeaderExtension.BITMAPS)
                : header.withExtension(new HeaderExtension(HeaderExtension.BITMAPS, place.array()));
        tables.writeHeader(changed.withFeatures(header.features().withAutoclear(Features.BITMAPS, !all.isEmpty())));
        release(previous);
    }

    private void writeContent(HeldBitmap bitmap, BitmapContent content) throws IOException {
        long[] table = new long[content.pageCount()];
        for (int i = 0; i < table.length; i++) {
            byte[] page = content.page(i);
            if (page != null && !isZero(page)) {
                table[i] = tables.refcounts().allocateTable(1);
                tables.file.write(table[i], ByteBuffer.wrap(page));
            }
        }
        TableLocation place = TableLocation.NONE;
        if (table.length > 0) {
            long clusters = geometry.clustersFor(table.length * 8L);
            long offset = tables.refcounts().allocateTable(clusters);
            tables.file.write(offset, ByteBuffer.allocate((int) (clusters << geometry.clusterBits())));
            L1Table.writeEntries(tables.file, offset, table, 0, table.length - 1);
            place = new TableLocation(offset, table.length);
        }
        BitmapEntry entry = bitmap.entry;
        bitmap.entry = new BitmapEntry(
                place, entry.flags(), entry.type(), entry.granularityBits(), entry.name(), entry.extra());
        bitmap.stored = true;
    }

    private static boolean isZero(byte[] page) {
        for (byte b : page) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private long writeDirectory(List<HeldBitmap> all, int length) throws IOException {
        ByteBuffer directory = ByteBuffer.allocate(length);
        for (HeldBitmap bitmap : all) {
            BitmapEntry entry = bitmap.entry;
            byte[] name = StoredText.bytes(entry.name());
            int start = directory.position();
            directory.putLong(entry.table().hostOffset()).putInt(entry.table().entries());
            directory.putInt(entry.flags()).put((byte) entry.type()).put((byte) entry.granularityBits());
            directory.putShort((short) name.length).putInt(entry.extra().length);
            directory.put(entry.extra()).put(name);
            directory.position(start + encodedBytes(entry));
        }
        long offset = tables.refcounts().allocateTable(geometry.clustersFor(length));
        tables.file.write(offset, directory.clear());
        return offset;
    }

    private static int encodedBytes(BitmapEntry entry) {
        int length = 24 + entry.extra().length + StoredText.bytes(entry.name()).length;
        return (length + 7) / 8 * 8;
    }

    /** What the header named before is free now. */
    private void release(@Nullable HeaderExtension previous) throws IOException {
        for (BitmapEntry entry : replaced) {
            int count = entry.table().entries();
            if (count <= 0) {
                continue;
            }
            for (long page : L1Table.readEntries(tables.file, entry.table().hostOffset(), count)) {
                if ((page & BitmapContent.OFFSET_MASK) != 0) {
                    tables.releases.table(page & BitmapContent.OFFSET_MASK, 1);
                }
            }
            tables.releases.table(entry.table().hostOffset(), geometry.clustersFor(count * 8L));
        }
        replaced.clear();
        if (previous != null) {
            ByteBuffer place = ByteBuffer.wrap(previous.data());
            tables.releases.table(place.getLong(16), geometry.clustersFor(place.getLong(8)));
        }
        tables.flush();
    }
}
