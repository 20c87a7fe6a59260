// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bits of one bitmap, in pages of a cluster each, as the file has them: the first bit is the lowest of the first
 * byte. A page without a set bit takes no memory.
 */
final class BitmapContent {
    /** Bits 9 to 55 of a bitmap table entry: where the page lies; bit 0 without an offset: all ones. */
    static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

    private static final long RESERVED_MASK = 0xff00_0000_0000_01feL;
    private static final long MAX_BITS_BYTES = 512 << 20;

    private final int granularityBits;
    private final int pageBytes;
    private byte[] @Nullable [] pages;
    private long sizeBytes;

    BitmapContent(int granularityBits, int pageBytes, long sizeBytes) throws StorageException {
        this.granularityBits = granularityBits;
        this.pageBytes = pageBytes;
        this.sizeBytes = sizeBytes;
        pages = new byte[pagesFor(sizeBytes)] @Nullable [];
    }

    private int pagesFor(long size) throws StorageException {
        long bits = (size >>> granularityBits) + ((size & (1L << granularityBits) - 1) == 0 ? 0 : 1);
        long bytes = (bits + 7) / 8;
        if (bytes > MAX_BITS_BYTES) {
            throw new StorageException("Too much space will be occupied by the bitmap. Use larger granularity");
        }
        return (int) ((bytes + pageBytes - 1) / pageBytes);
    }

    /** Reads a bitmap; its table must cover the disk. */
    static BitmapContent read(ByteStore file, BitmapEntry entry, int pageBytes, long sizeBytes) throws IOException {
        if (entry.granularityBits() < 9 || entry.granularityBits() > 31) {
            throw unsound(file, entry, "granularity bits", "9 to 31", entry.granularityBits());
        }
        BitmapContent content = new BitmapContent(entry.granularityBits(), pageBytes, sizeBytes);
        int count = entry.table().entries();
        if (count < content.pages.length || count > content.pages.length + 1) {
            throw unsound(file, entry, "bitmap table size", String.valueOf(content.pages.length), count);
        }
        long[] table = L1Table.readEntries(file, entry.table().hostOffset(), count);
        for (int i = 0; i < content.pages.length; i++) {
            long offset = table[i] & OFFSET_MASK;
            if ((table[i] & RESERVED_MASK) != 0 || offset % pageBytes != 0) {
                throw unsound(file, entry, "bitmap table entry", "an aligned offset", table[i]);
            }
            if (offset != 0) {
                byte[] page = new byte[pageBytes];
                file.read(offset, ByteBuffer.wrap(page));
                content.pages[i] = page;
            } else if ((table[i] & 1) != 0) {
                byte[] page = new byte[pageBytes];
                Arrays.fill(page, (byte) 0xff);
                content.pages[i] = page;
            }
        }
        return content;
    }

    private static CorruptImageException unsound(
            ByteStore file, BitmapEntry entry, String structure, String expected, long found) {
        return new CorruptImageException(
                "Bitmap '" + entry.name() + "' doesn't satisfy the constraints",
                file.name(),
                structure,
                entry.table().hostOffset(),
                expected,
                Long.toString(found));
    }

    int pageCount() {
        return pages.length;
    }

    /** The page's bytes, or null where all bits are clear. */
    byte @Nullable [] page(int index) {
        return pages[index];
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** Sets the bits that stand for any byte of a range. */
    void set(long guestOffset, long lengthBytes) {
        if (lengthBytes <= 0 || guestOffset >= sizeBytes) {
            return;
        }
        long last = (Math.min(guestOffset + lengthBytes, sizeBytes) - 1) >>> granularityBits;
        for (long bit = guestOffset >>> granularityBits; bit <= last; bit++) {
            long at = bit >>> 3;
            int index = (int) (at / pageBytes);
            byte[] page = pages[index];
            if (page == null) {
                page = new byte[pageBytes];
                pages[index] = page;
            }
            int inPage = (int) (at % pageBytes);
            if ((bit & 7) == 0 && last - bit >= 7) {
                page[inPage] = (byte) 0xff;
                bit += 7;
            } else {
                page[inPage] |= (byte) (1 << (bit & 7));
            }
        }
    }

    void clear() {
        Arrays.fill(pages, null);
    }

    /** Sets what is set in another bitmap of a disk of this size; granularities may differ. */
    void merge(BitmapContent other) {
        for (int index = 0; index < other.pages.length; index++) {
            byte[] page = other.pages[index];
            if (page == null) {
                continue;
            }
            for (int at = 0; at < page.length; at++) {
                for (int bits = page[at] & 0xff; bits != 0; bits &= bits - 1) {
                    long bit = ((long) index * pageBytes + at) * 8 + Integer.numberOfTrailingZeros(bits);
                    set(bit << other.granularityBits, 1L << other.granularityBits);
                }
            }
        }
    }

    /** Follows a change of the disk's size; new bits are clear. */
    void resize(long newSizeBytes) throws StorageException {
        int count = pagesFor(newSizeBytes);
        pages = Arrays.copyOf(pages, count);
        sizeBytes = newSizeBytes;
        long bits = (newSizeBytes >>> granularityBits) + ((newSizeBytes & (1L << granularityBits) - 1) == 0 ? 0 : 1);
        byte[] lastPage = count == 0 ? null : pages[count - 1];
        if (lastPage != null) {
            // Bits behind the end would come to life when the disk grows again.
            for (long bit = bits; bit < (long) count * pageBytes * 8; bit++) {
                lastPage[(int) ((bit >>> 3) % pageBytes)] &= (byte) ~(1 << (bit & 7));
            }
        }
    }
}
