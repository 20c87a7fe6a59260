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

    private final Qcow2Image image;
    private final Tables tables;
    private final ClusterGeometry geometry;
    private @Nullable List<HeldBitmap> held;
    private final BitmapStore stored;
    private boolean changed;

    Bitmaps(Qcow2Image image, Tables tables) {
        this.image = image;
        this.tables = tables;
        geometry = tables.geometry;
        stored = new BitmapStore(tables);
    }

    /** All bitmaps, as they are now. */
    public List<BitmapEntry> list() throws IOException {
        tables.lock.lock();
        try {
            List<BitmapEntry> entries = new ArrayList<>();
            for (HeldBitmap bitmap : held()) {
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
            List<HeldBitmap> all = held();
            if (find(name) != null) {
                throw new StorageException("Bitmap already exists: " + name);
            }
            if (all.size() >= BitmapEntry.MAX_BITMAPS) {
                throw new StorageException("Maximum number of persistent bitmaps is already reached");
            }
            HeldBitmap bitmap = new HeldBitmap(
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
            HeldBitmap bitmap = required(name);
            stored.replace(bitmap);
            held().remove(bitmap);
            changed = true;
        });
    }

    /** Removes all of them, from the file too. */
    void removeAll() throws IOException {
        image.alone(() -> {
            held().forEach(stored::replace);
            held().clear();
            changed = true;
            store();
        });
    }

    public void clear(String name) throws IOException {
        image.alone(() -> content(usable(name)).clear());
    }

    public void enable(String name) throws IOException {
        image.alone(() -> {
            HeldBitmap bitmap = usable(name);
            content(bitmap);
            setFlags(bitmap, bitmap.entry.flags() | BitmapEntry.AUTO);
        });
    }

    public void disable(String name) throws IOException {
        image.alone(() -> {
            HeldBitmap bitmap = usable(name);
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
            HeldBitmap bitmap = usable(name);
            BitmapContent copy =
                    new BitmapContent(bitmap.entry.granularityBits(), geometry.clusterBytes(), image.sizeBytes());
            BitmapContent present = bitmap.content;
            copy.merge(present != null ? present : read(bitmap));
            return copy;
        } finally {
            tables.lock.unlock();
        }
    }

    private List<HeldBitmap> held() throws IOException {
        List<HeldBitmap> present = held;
        if (present == null) {
            present = new ArrayList<>();
            Header header = tables.header();
            boolean valid = (header.features().autoclear() & Features.BITMAPS) != 0;
            // A writer that knows no bitmaps has changed the image: what they say is incomplete.
            Header readable = header.withFeatures(header.features().withAutoclear(Features.BITMAPS, true));
            for (BitmapEntry entry : BitmapEntry.readDirectory(tables.file, readable)) {
                int flags = valid ? entry.flags() : entry.flags() | BitmapEntry.IN_USE;
                present.add(new HeldBitmap(entry.withFlags(flags), true));
            }
            held = present;
        }
        return present;
    }

    private @Nullable HeldBitmap find(String name) throws IOException {
        for (HeldBitmap bitmap : held()) {
            if (bitmap.entry.name().equals(name)) {
                return bitmap;
            }
        }
        return null;
    }

    private HeldBitmap required(String name) throws IOException {
        HeldBitmap bitmap = find(name);
        if (bitmap == null) {
            throw new StorageException("Dirty bitmap '" + name + "' not found");
        }
        return bitmap;
    }

    private HeldBitmap usable(String name) throws IOException {
        HeldBitmap bitmap = required(name);
        if (bitmap.entry.isInUse()) {
            throw new StorageException(
                    "Bitmap '" + name + "' is inconsistent and cannot be used",
                    "Try block-dirty-bitmap-remove to delete this bitmap from disk");
        }
        return bitmap;
    }

    private BitmapContent read(HeldBitmap bitmap) throws IOException {
        return BitmapContent.read(tables.file, bitmap.entry, geometry.clusterBytes(), image.sizeBytes());
    }

    /** The bits for a change. The stored ones are given up. */
    private BitmapContent content(HeldBitmap bitmap) throws IOException {
        BitmapContent present = bitmap.content;
        if (present == null) {
            present = read(bitmap);
            bitmap.content = present;
        }
        stored.replace(bitmap);
        changed = true;
        return present;
    }

    private void setFlags(HeldBitmap bitmap, int flags) {
        bitmap.entry = bitmap.entry.withFlags(flags);
        changed = true;
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
        for (HeldBitmap bitmap : held()) {
            if (bitmap.records()) {
                content(bitmap);
            }
        }
        stored.markInUse(held());
    }

    /** Records a write. */
    void record(long guestOffset, long lengthBytes) {
        List<HeldBitmap> all = held;
        if (all == null || all.isEmpty()) {
            return;
        }
        synchronized (this) {
            for (HeldBitmap bitmap : all) {
                BitmapContent content = bitmap.content;
                if (bitmap.records() && content != null) {
                    content.set(guestOffset, lengthBytes);
                }
            }
        }
    }

    /** Reads all bits before the disk's size changes; {@link #resized} then fits them to it. */
    void beforeResize() throws IOException {
        for (HeldBitmap bitmap : held()) {
            if (!bitmap.entry.isInUse()) {
                content(bitmap);
            }
        }
    }

    void resized() throws IOException {
        for (HeldBitmap bitmap : held()) {
            if (bitmap.content != null) {
                bitmap.content.resize(image.sizeBytes());
            }
        }
    }

    /** Stores what has changed. */
    void store() throws IOException {
        if (changed) {
            stored.write(held());
            changed = false;
        }
    }
}
