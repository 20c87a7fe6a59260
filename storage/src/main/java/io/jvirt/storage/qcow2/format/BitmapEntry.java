// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry of the bitmap directory ("Bitmaps extension" in the specification): 24 bytes of fields, extra data, the name,
 * padded to a multiple of 8. The extension holds the count (4 bytes), 4 reserved bytes, the directory's size and offset.
 *
 * @param table where the bitmap table lies and how many entries it has
 * @param flags bit 0 in use, bit 1 auto, bit 2 extra data compatible
 * @param type 1, a dirty tracking bitmap
 * @param granularityBits log2 of the guest bytes that one bit stands for
 * @param name unique in the image
 * @param extra extra data, kept as it is
 */
@SuppressWarnings("ArrayRecordComponent") // bitmaps are not compared
public record BitmapEntry(TableLocation table, int flags, int type, int granularityBits, String name, byte[] extra) {
    public static final int IN_USE = 1;
    public static final int AUTO = 2;
    public static final int TYPE_DIRTY = 1;
    public static final int MAX_BITMAPS = 65535;
    public static final int MAX_DIRECTORY_BYTES = 64 << 20;

    private static final int FIXED_BYTES = 24;
    private static final int EXTENSION_BYTES = 24;

    public boolean isInUse() {
        return (flags & IN_USE) != 0;
    }

    public boolean isAuto() {
        return (flags & AUTO) != 0;
    }

    /** Reads the directory that the header's extension names; an image without one has no bitmaps. */
    public static List<BitmapEntry> readDirectory(ByteStore store, Header header) throws IOException {
        HeaderExtension extension = header.extension(HeaderExtension.BITMAPS);
        if (extension == null || (header.features().autoclear() & Features.BITMAPS) == 0) {
            return List.of();
        }
        ByteBuffer data = ByteBuffer.wrap(extension.data());
        if (data.limit() != EXTENSION_BYTES) {
            throw corrupt(store, "bitmaps extension length", 0, "24", data.limit());
        }
        long count = Integer.toUnsignedLong(data.getInt(0));
        long size = data.getLong(8);
        long offset = data.getLong(16);
        if (count == 0 || count > MAX_BITMAPS) {
            throw corrupt(store, "bitmap count", offset, "1 to " + MAX_BITMAPS, count);
        }
        if (size <= 0 || size > MAX_DIRECTORY_BYTES || offset <= 0 || offset > store.sizeBytes() - size) {
            throw corrupt(store, "bitmap directory size", offset, "a directory within the file", size);
        }
        ByteBuffer directory = ByteBuffer.allocate((int) size);
        store.read(offset, directory);
        directory.flip();
        List<BitmapEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(next(store, directory, offset));
        }
        return entries;
    }

    public BitmapEntry withFlags(int changed) {
        return new BitmapEntry(table, changed, type, granularityBits, name, extra);
    }

    private static BitmapEntry next(ByteStore store, ByteBuffer directory, long offset) throws IOException {
        int start = directory.position();
        if (directory.remaining() < FIXED_BYTES) {
            throw corrupt(store, "bitmap directory entry", offset + start, "24 bytes", directory.remaining());
        }
        TableLocation table = new TableLocation(directory.getLong(), directory.getInt());
        int flags = directory.getInt();
        int type = directory.get() & 0xff;
        int granularityBits = directory.get() & 0xff;
        int nameBytes = directory.getShort() & 0xffff;
        long extraBytes = Integer.toUnsignedLong(directory.getInt());
        if (extraBytes > directory.remaining() - nameBytes) {
            throw corrupt(
                    store, "bitmap extra data size", offset + start + 20, "data within the directory", extraBytes);
        }
        byte[] extra = new byte[(int) extraBytes];
        byte[] name = new byte[nameBytes];
        directory.get(extra).get(name);
        directory.position(Math.min(directory.limit(), start + (directory.position() - start + 7) / 8 * 8));
        return new BitmapEntry(table, flags, type, granularityBits, StoredText.of(name), extra);
    }

    private static CorruptImageException corrupt(
            ByteStore store, String structure, long at, String expected, long found) {
        return new CorruptImageException(
                "Invalid bitmaps extension", store.name(), structure, at, expected, Long.toString(found));
    }
}
