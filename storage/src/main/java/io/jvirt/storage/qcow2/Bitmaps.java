// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The persistent bitmaps of an open image ("Bitmaps extension" in the specification). The enabled ones record what is
 * written: they are marked as in use on disk before the first change and stored when the image is closed, so that after a
 * crash nobody takes them for complete. Messages are QEMU's. Guarded by the image's table lock.
 */
public final class Bitmaps {
    private static final int MAX_NAME_BYTES = 1023;
    private static final int FLAGS_OFFSET = 12;

    /** A bitmap in memory. */
    private static final class Held {
        BitmapEntry entry;

        @Nullable
        BitmapContent content;

        boolean stored;

        Held(BitmapEntry entry, boolean stored) {
            this.entry = entry;
            this.stored = stored;
        }

        boolean records() {
            return entry.isAuto() && !entry.isInUse();
        }
    }

    private final Qcow2Image image;
    private final Tables tables;
    private final ClusterGeometry geometry;
    private @Nullable List<Held> held;
    /** Bitmaps on disk that nothing will refer to once the directory is written. */
    private final List<BitmapEntry> replaced = new ArrayList<>();

    private boolean changed;

    Bitmaps(Qcow2Image image, Tables tables) {
        this.image = image;
        this.tables = tables;
        geometry = tables.geometry;
    }

    /** All bitmaps, as they are now. */
    public List<BitmapEntry> list() throws IOException {
        tables.lock.lock();
        try {
            List<BitmapEntry> entries = new ArrayList<>();
            for (Held bitmap : held()) {
                entries.add(bitmap.entry);
            }
            return entries;
        } finally {
            tables.lock.unlock();
        }
    }

    /**
     * Adds an empty bitmap.
     *
     * @param granularityBytes the bytes that a bit stands for, or 0 for the default: the cluster size within 4 to 64 KiB
     */
    public void add(String name, long granularityBytes, boolean enabled) throws IOException {
        int defaultBits = Math.max(12, Math.min(16, geometry.clusterBits()));
        if (granularityBytes != 0
                && (Long.bitCount(granularityBytes) != 1 || granularityBytes < 512 || granularityBytes > 1L << 31)) {
            throw new StorageException("Granularity must be power of 2 and at least 512");
        }
        int bits = granularityBytes == 0 ? defaultBits : Long.numberOfTrailingZeros(granularityBytes);
        if (name.isEmpty()) {
            throw new StorageException("Bitmap name cannot be empty");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new StorageException("Bitmap name too long: " + name);
        }
        if (tables.header().version() < 3) {
            throw new StorageException(
                    "Cannot store dirty bitmaps in qcow2 v2 files", "amend the image to compat=1.1 first");
        }
        image.alone(() -> {
            List<Held> all = held();
            if (find(name) != null) {
                throw new StorageException("Bitmap already exists: " + name);
            }
            if (all.size() >= BitmapEntry.MAX_BITMAPS) {
                throw new StorageException("Maximum number of persistent bitmaps is already reached");
            }
            Held bitmap = new Held(
                    new BitmapEntry(
                            TableLocation.NONE,
                            enabled ? BitmapEntry.AUTO : 0,
                            BitmapEntry.TYPE_DIRTY,
                            bits,
                            name,
                            new byte[0]),
                    false);
            bitmap.content = new BitmapContent(bits, geometry.clusterBytes(), image.sizeBytes());
            all.add(bitmap);
            changed = true;
        });
    }

    /** Removes a bitmap, also one that a crash has left incomplete. */
    public void remove(String name) throws IOException {
        image.alone(() -> {
            Held bitmap = required(name);
            replace(bitmap);
            held().remove(bitmap);
            changed = true;
        });
    }

    public void clear(String name) throws IOException {
        image.alone(() -> content(usable(name)).clear());
    }

    public void enable(String name) throws IOException {
        image.alone(() -> {
            Held bitmap = usable(name);
            content(bitmap);
            setFlags(bitmap, bitmap.entry.flags() | BitmapEntry.AUTO);
        });
    }

    public void disable(String name) throws IOException {
        image.alone(() -> {
            Held bitmap = usable(name);
            setFlags(bitmap, bitmap.entry.flags() & ~BitmapEntry.AUTO);
        });
    }

    /** Sets in one bitmap what is set in another, of this image or another one with a disk of the same size. */
    public void merge(String name, Qcow2Image source, String sourceName) throws IOException {
        BitmapContent other = source.bitmaps().copyOf(sourceName);
        image.alone(() -> {
            BitmapContent content = content(usable(name));
            if (content.sizeBytes() != other.sizeBytes()) {
                throw new StorageException("Bitmaps are of different sizes (destination size is " + content.sizeBytes()
                        + ", source size is " + other.sizeBytes() + ") and can't be merged");
            }
            content.merge(other);
        });
    }

    private BitmapContent copyOf(String name) throws IOException {
        tables.lock.lock();
        try {
            Held bitmap = usable(name);
            BitmapContent copy =
                    new BitmapContent(bitmap.entry.granularityBits(), geometry.clusterBytes(), image.sizeBytes());
            BitmapContent present = bitmap.content;
            copy.merge(present != null ? present : read(bitmap));
            return copy;
        } finally {
            tables.lock.unlock();
        }
    }

    private List<Held> held() throws IOException {
        List<Held> present = held;
        if (present == null) {
            present = new ArrayList<>();
            Header header = tables.header();
            boolean valid = (header.features().autoclear() & Features.BITMAPS) != 0;
            // A writer that knows no bitmaps has changed the image: what they say is incomplete.
            Header readable = header.withFeatures(header.features().withAutoclear(Features.BITMAPS, true));
            for (BitmapEntry entry : BitmapEntry.readDirectory(tables.file, readable)) {
                int flags = valid ? entry.flags() : entry.flags() | BitmapEntry.IN_USE;
                present.add(new Held(withFlags(entry, flags), true));
            }
            held = present;
        }
        return present;
    }

    private @Nullable Held find(String name) throws IOException {
        for (Held bitmap : held()) {
            if (bitmap.entry.name().equals(name)) {
                return bitmap;
            }
        }
        return null;
    }

    private Held required(String name) throws IOException {
        Held bitmap = find(name);
        if (bitmap == null) {
            throw new StorageException("Dirty bitmap '" + name + "' not found");
        }
        return bitmap;
    }

    private Held usable(String name) throws IOException {
        Held bitmap = required(name);
        if (bitmap.entry.isInUse()) {
            throw new StorageException(
                    "Bitmap '" + name + "' is inconsistent and cannot be used",
                    "Try block-dirty-bitmap-remove to delete this bitmap from disk");
        }
        return bitmap;
    }

    private BitmapContent read(Held bitmap) throws IOException {
        return BitmapContent.read(tables.file, bitmap.entry, geometry.clusterBytes(), image.sizeBytes());
    }

    /** The bits for a change. The stored ones are given up. */
    private BitmapContent content(Held bitmap) throws IOException {
        BitmapContent present = bitmap.content;
        if (present == null) {
            present = read(bitmap);
            bitmap.content = present;
        }
        replace(bitmap);
        changed = true;
        return present;
    }

    private void replace(Held bitmap) {
        if (bitmap.stored) {
            replaced.add(bitmap.entry);
            bitmap.stored = false;
        }
    }

    private void setFlags(Held bitmap, int flags) {
        bitmap.entry = withFlags(bitmap.entry, flags);
        changed = true;
    }

    private static BitmapEntry withFlags(BitmapEntry entry, int flags) {
        return new BitmapEntry(
                entry.table(), flags, entry.type(), entry.granularityBits(), entry.name(), entry.extra());
    }

    boolean isEmpty() throws IOException {
        return held().isEmpty();
    }

    /** Before the first change of the image: from now on the enabled bitmaps are only complete in memory. */
    void begin() throws IOException {
        HeaderExtension extension = tables.header().extension(HeaderExtension.BITMAPS);
        if (extension == null) {
            held = new ArrayList<>();
            return;
        }
        long at = ByteBuffer.wrap(extension.data()).getLong(16);
        boolean marked = false;
        for (Held bitmap : held()) {
            if (bitmap.records()) {
                content(bitmap);
                tables.file.write(
                        at + FLAGS_OFFSET,
                        ByteBuffer.allocate(4)
                                .putInt(bitmap.entry.flags() | BitmapEntry.IN_USE)
                                .flip());
                marked = true;
            }
            at += encodedBytes(bitmap.entry);
        }
        if (marked) {
            tables.file.sync();
        }
    }

    /** Records a write. */
    void record(long guestOffset, long lengthBytes) {
        List<Held> all = held;
        if (all == null || all.isEmpty()) {
            return;
        }
        synchronized (this) {
            for (Held bitmap : all) {
                BitmapContent content = bitmap.content;
                if (bitmap.records() && content != null) {
                    content.set(guestOffset, lengthBytes);
                }
            }
        }
    }

    /** Reads all bits before the disk's size changes; {@link #resized} then fits them to it. */
    void beforeResize() throws IOException {
        for (Held bitmap : held()) {
            if (!bitmap.entry.isInUse()) {
                content(bitmap);
            }
        }
    }

    void resized() throws IOException {
        for (Held bitmap : held()) {
            if (bitmap.content != null) {
                bitmap.content.resize(image.sizeBytes());
            }
        }
    }

    /** Stores what has changed: bits and tables, then the directory, then the header that names it. */
    void store() throws IOException {
        if (!changed) {
            return;
        }
        List<Held> all = held();
        int length = 0;
        for (Held bitmap : all) {
            BitmapContent content = bitmap.content;
            if (!bitmap.stored && content != null) {
                writeContent(bitmap, content);
            }
            length += encodedBytes(bitmap.entry);
        }
        HeaderExtension previous = tables.header().extension(HeaderExtension.BITMAPS);
        Header header = tables.header();
        if (all.isEmpty()) {
            header = header.withoutExtension(HeaderExtension.BITMAPS)
                    .withFeatures(header.features().withAutoclear(Features.BITMAPS, false));
        } else {
            long offset = writeDirectory(all, length);
            ByteBuffer place = ByteBuffer.allocate(24)
                    .putInt(all.size())
                    .putInt(0)
                    .putLong(length)
                    .putLong(offset);
            header = header.withExtension(new HeaderExtension(HeaderExtension.BITMAPS, place.array()))
                    .withFeatures(header.features().withAutoclear(Features.BITMAPS, true));
        }
        tables.checkpoint();
        tables.syncAll();
        tables.writeHeader(header);
        release(previous);
        changed = false;
    }

    private void writeContent(Held bitmap, BitmapContent content) throws IOException {
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
            Tables.writeEntries(tables.file, offset, table, 0, table.length - 1);
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

    private long writeDirectory(List<Held> all, int length) throws IOException {
        ByteBuffer directory = ByteBuffer.allocate((int) geometry.alignUp(length));
        for (Held bitmap : all) {
            BitmapEntry entry = bitmap.entry;
            byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
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
        int length = 24 + entry.extra().length + entry.name().getBytes(StandardCharsets.UTF_8).length;
        return (length + 7) / 8 * 8;
    }

    /** What the header named before is free now. */
    private void release(@Nullable HeaderExtension previous) throws IOException {
        for (BitmapEntry entry : replaced) {
            int count = entry.table().entries();
            if (count <= 0) {
                continue;
            }
            for (long page : Tables.readTable(tables.file, entry.table().hostOffset(), count)) {
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
