// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.guest;

import io.jvirt.storage.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The primary partitions of a disk with sectors of 512 bytes. An MBR has four entries of 16 bytes from byte 446 on (type at
 * 4, first sector at 8, sectors at 12, little-endian) and ends in 55 AA; type EE stands for a GPT, whose header is sector 1.
 */
final class PartitionTable {
    private static final int SECTOR_BYTES = 512;
    private static final int MAX_GPT_ENTRIES = 1024;
    private static final long GPT_SIGNATURE = 0x5452415020494645L;

    /** A partition, or a disk without any; in bytes. */
    record Part(int number, long offset, long lengthBytes) {}

    private PartitionTable() {}

    /** The partitions; a disk without a table is one part by itself, numbered 0. */
    static List<Part> read(DiskImage disk) throws IOException {
        List<Part> parts = new ArrayList<>();
        if (disk.sizeBytes() < 2 * SECTOR_BYTES) {
            return parts;
        }
        ByteBuffer mbr = read(disk, 0, SECTOR_BYTES);
        if (mbr.getShort(510) == (short) 0xaa55) {
            for (int i = 0; i < 4; i++) {
                int type = mbr.get(446 + 16 * i + 4) & 0xff;
                if (type == 0xee) {
                    return gpt(disk);
                }
                if (type != 0) {
                    long first = Integer.toUnsignedLong(mbr.getInt(446 + 16 * i + 8));
                    add(parts, disk, i + 1, first, Integer.toUnsignedLong(mbr.getInt(446 + 16 * i + 12)));
                }
            }
        }
        if (parts.isEmpty()) {
            parts.add(new Part(0, 0, disk.sizeBytes()));
        }
        return parts;
    }

    private static List<Part> gpt(DiskImage disk) throws IOException {
        List<Part> parts = new ArrayList<>();
        ByteBuffer header = read(disk, SECTOR_BYTES, SECTOR_BYTES);
        int headerBytes = header.getInt(12);
        if (header.getLong(0) != GPT_SIGNATURE || headerBytes < 92 || headerBytes > SECTOR_BYTES) {
            return parts;
        }
        int sum = header.getInt(16);
        header.putInt(16, 0);
        CRC32 crc = new CRC32();
        crc.update(header.array(), 0, headerBytes);
        long entriesAt = header.getLong(72);
        int count = header.getInt(80);
        int entryBytes = header.getInt(84);
        boolean sound = (int) crc.getValue() == sum
                && count > 0
                && count <= MAX_GPT_ENTRIES
                && entryBytes >= 128
                && entryBytes <= 4096
                && entriesAt >= 2
                && entriesAt <= disk.sizeBytes() / SECTOR_BYTES - (long) count * entryBytes / SECTOR_BYTES;
        if (!sound) {
            return parts;
        }
        ByteBuffer entries = read(disk, entriesAt * SECTOR_BYTES, count * entryBytes);
        for (int i = 0; i < count; i++) {
            int at = i * entryBytes;
            long first = entries.getLong(at + 32);
            if (entries.getLong(at) != 0 || entries.getLong(at + 8) != 0) {
                add(parts, disk, i + 1, first, entries.getLong(at + 40) - first + 1);
            }
        }
        return parts;
    }

    /** What reaches beyond the disk is left out. */
    private static void add(List<Part> parts, DiskImage disk, int number, long firstSector, long sectors) {
        long all = disk.sizeBytes() / SECTOR_BYTES;
        if (firstSector > 0 && sectors > 0 && firstSector < all && sectors <= all - firstSector) {
            parts.add(new Part(number, firstSector * SECTOR_BYTES, sectors * SECTOR_BYTES));
        }
    }

    static ByteBuffer read(DiskImage disk, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        disk.read(offset, bytes);
        return bytes.flip();
    }
}
