// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.guest;

import io.jvirt.storage.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The log of an XFS file system, a ring of 512-byte blocks, each of which begins with the number of the round in which it
 * was written; in a record's header that number comes second. What was unmounted cleanly has a record at the end that says
 * so and nothing else. Where the ring looks any other way, it is held for not unmounted.
 */
final class XfsLog {
    private static final int BLOCK_BYTES = 512;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int RECORD_MAGIC = 0xfeedbabe;
    private static final long MAX_LOG_BYTES = 2L << 30;
    private static final int HEADER_DATA_BYTES = 32 << 10;
    private static final int UNMOUNT = 0x20;

    private XfsLog() {}

    static boolean isUnmounted(DiskImage disk, long offset, long lengthBytes) throws IOException {
        if (lengthBytes < 4 * BLOCK_BYTES || lengthBytes > MAX_LOG_BYTES) {
            return false;
        }
        long end = lengthBytes / BLOCK_BYTES;
        long head = end;
        long record = -1;
        int round = 0;
        for (long at = 0; at < lengthBytes; at += CHUNK_BYTES) {
            int length = (int) Math.min(CHUNK_BYTES, lengthBytes - at);
            ByteBuffer chunk = read(disk, offset + at, length);
            for (int i = 0; i + BLOCK_BYTES <= length; i += BLOCK_BYTES) {
                long block = (at + i) / BLOCK_BYTES;
                boolean header = chunk.getInt(i) == RECORD_MAGIC;
                int found = header ? chunk.getInt(i + 4) : chunk.getInt(i);
                round = block == 0 ? found : round;
                if (found == round && head == end) {
                    record = header ? block : record;
                } else if (found == round - 1) {
                    head = Math.min(head, block);
                } else {
                    return false;
                }
            }
        }
        return round > 0 && record >= 0 && saysUnmounted(disk, offset, record, head);
    }

    private static boolean saysUnmounted(DiskImage disk, long offset, long record, long head) throws IOException {
        ByteBuffer header = read(disk, offset + record * BLOCK_BYTES, BLOCK_BYTES);
        int length = header.getInt(12);
        int buffer = header.getInt(320);
        boolean second = (header.getInt(8) & 2) != 0;
        long headers = second && buffer > HEADER_DATA_BYTES ? (buffer + HEADER_DATA_BYTES - 1) / HEADER_DATA_BYTES : 1;
        long data = record + headers;
        if (length <= 0 || header.getInt(40) != 1 || data + (length + BLOCK_BYTES - 1) / BLOCK_BYTES != head) {
            return false;
        }
        return (read(disk, offset + data * BLOCK_BYTES, BLOCK_BYTES).get(9) & UNMOUNT) != 0;
    }

    private static ByteBuffer read(DiskImage disk, long offset, int length) throws IOException {
        return PartitionTable.read(disk, offset, length).order(ByteOrder.BIG_ENDIAN);
    }
}
