// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.cloudinit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an ISO 9660 image (ECMA-119) with some small files in its root directory; a Joliet descriptor gives them their
 * full names. Numbers are stored in both byte orders, little-endian first. Sectors of 2048 bytes:
 *
 * <pre>
 *  0-15  system area, zeros          19, 20  path table, little and big-endian
 *  16    primary volume descriptor   21, 22  the same for Joliet
 *  17    Joliet's descriptor         23, 24  root directory, and Joliet's
 *  18    end of the descriptors      25...   the files
 * </pre>
 */
final class Iso9660 {
    private static final int SECTOR_BYTES = 2048;
    private static final int PRIMARY = 16;
    private static final int JOLIET = 17;
    private static final int TERMINATOR = 18;
    private static final int PRIMARY_PATH_TABLE = 19;
    private static final int JOLIET_PATH_TABLE = 21;
    private static final int PRIMARY_ROOT = 23;
    private static final int JOLIET_ROOT = 24;
    private static final int FIRST_FILE = 25;
    private static final int PATH_TABLE_BYTES = 10;
    private static final int DIRECTORY = 2;
    /** 1 January 2000, 00:00 UTC: the same input gives the same image. */
    private static final byte[] DATE = {100, 1, 1, 0, 0, 0, 0};

    private final String volumeName;
    private final Map<String, byte[]> files;
    private final ByteBuffer image;

    private Iso9660(String volumeName, Map<String, byte[]> files) {
        this.volumeName = volumeName;
        // ECMA-119 9.3: in the order of their names.
        this.files = new TreeMap<>(files);
        int sectors = FIRST_FILE;
        for (byte[] content : files.values()) {
            sectors += sectorsOf(content.length);
        }
        this.image = ByteBuffer.allocate(sectors * SECTOR_BYTES);
    }

    /**
     * The whole image.
     *
     * @param volumeName ASCII, at most 16 characters
     * @param files ASCII names without directories; few enough for a directory of one sector
     */
    static byte[] of(String volumeName, Map<String, byte[]> files) {
        Iso9660 iso = new Iso9660(volumeName, files);
        iso.descriptor(PRIMARY, false);
        iso.descriptor(JOLIET, true);
        iso.image.position(TERMINATOR * SECTOR_BYTES);
        iso.image.put((byte) 255).put(ascii("CD001")).put((byte) 1);
        iso.pathTables(PRIMARY_PATH_TABLE, PRIMARY_ROOT);
        iso.pathTables(JOLIET_PATH_TABLE, JOLIET_ROOT);
        iso.directory(PRIMARY_ROOT, false);
        iso.directory(JOLIET_ROOT, true);
        int at = FIRST_FILE;
        for (byte[] content : iso.files.values()) {
            iso.image.position(at * SECTOR_BYTES).put(content);
            at += sectorsOf(content.length);
        }
        return iso.image.array();
    }

    private static int sectorsOf(int bytes) {
        return (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
    }

    /** ECMA-119 8.4 and 8.5; offsets are those of the specification less one. */
    private void descriptor(int sector, boolean joliet) {
        int start = sector * SECTOR_BYTES;
        image.position(start);
        image.put((byte) (joliet ? 2 : 1)).put(ascii("CD001")).put((byte) 1);
        text(start + 8, 32, "", joliet);
        text(start + 40, 32, volumeName, joliet);
        image.position(start + 80);
        both32(image.capacity() / SECTOR_BYTES);
        if (joliet) {
            // UCS-2 level 3
            image.position(start + 88);
            image.put(ascii("%/E"));
        }
        image.position(start + 120);
        both16(1);
        both16(1);
        both16(SECTOR_BYTES);
        both32(PATH_TABLE_BYTES);
        int table = joliet ? JOLIET_PATH_TABLE : PRIMARY_PATH_TABLE;
        image.order(ByteOrder.LITTLE_ENDIAN).putInt(table).putInt(0);
        image.order(ByteOrder.BIG_ENDIAN).putInt(table + 1).putInt(0);
        image.put(record(new byte[1], joliet ? JOLIET_ROOT : PRIMARY_ROOT, SECTOR_BYTES, DIRECTORY));
        text(start + 190, 128, "", joliet);
        text(start + 318, 128, "", joliet);
        text(start + 446, 128, "", joliet);
        text(start + 574, 128, "JVIRT", joliet);
        text(start + 702, 37, "", joliet);
        text(start + 739, 37, "", joliet);
        text(start + 776, 37, "", joliet);
        for (int date = 0; date < 4; date++) {
            image.position(start + 813 + 17 * date);
            image.put(ascii(date < 2 ? "2000010100000000" : "0000000000000000")).put((byte) 0);
        }
        image.position(start + 881);
        image.put((byte) 1);
    }

    /** ECMA-119 9.4: the root directory alone, as its own parent. */
    private void pathTables(int sector, int root) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            image.position((order == ByteOrder.LITTLE_ENDIAN ? sector : sector + 1) * SECTOR_BYTES);
            image.order(order)
                    .put((byte) 1)
                    .put((byte) 0)
                    .putInt(root)
                    .putShort((short) 1)
                    .put((byte) 0)
                    .put((byte) 0);
        }
        image.order(ByteOrder.BIG_ENDIAN);
    }

    private void directory(int sector, boolean joliet) {
        List<byte[]> records = new ArrayList<>();
        records.add(record(new byte[] {0}, sector, SECTOR_BYTES, DIRECTORY));
        records.add(record(new byte[] {1}, sector, SECTOR_BYTES, DIRECTORY));
        int at = FIRST_FILE;
        int number = 0;
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] name = joliet ? file.getKey().getBytes(StandardCharsets.UTF_16BE) : ascii("FILE" + number++ + ".;1");
            records.add(record(name, at, file.getValue().length, 0));
            at += sectorsOf(file.getValue().length);
        }
        image.position(sector * SECTOR_BYTES);
        records.forEach(image::put);
    }

    /** ECMA-119 9.1. */
    private static byte[] record(byte[] name, int sector, int bytes, int flags) {
        int length = (33 + name.length + 1) / 2 * 2;
        ByteBuffer record = ByteBuffer.allocate(length);
        record.put((byte) length).put((byte) 0);
        both32(record, sector);
        both32(record, bytes);
        record.put(DATE).put((byte) flags).put((byte) 0).put((byte) 0);
        both16(record, 1);
        record.put((byte) name.length).put(name);
        return record.array();
    }

    private void text(int offset, int length, String text, boolean joliet) {
        ByteArrayOutputStream padded = new ByteArrayOutputStream();
        padded.writeBytes(joliet ? text.getBytes(StandardCharsets.UTF_16BE) : ascii(text));
        while (padded.size() + (joliet ? 1 : 0) < length) {
            padded.writeBytes(joliet ? " ".getBytes(StandardCharsets.UTF_16BE) : ascii(" "));
        }
        image.position(offset);
        image.put(padded.toByteArray());
    }

    private void both32(int value) {
        both32(image, value);
    }

    private void both16(int value) {
        both16(image, value);
    }

    private static void both32(ByteBuffer to, int value) {
        to.order(ByteOrder.LITTLE_ENDIAN).putInt(value);
        to.order(ByteOrder.BIG_ENDIAN).putInt(value);
    }

    private static void both16(ByteBuffer to, int value) {
        to.order(ByteOrder.LITTLE_ENDIAN).putShort((short) value);
        to.order(ByteOrder.BIG_ENDIAN).putShort((short) value);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
