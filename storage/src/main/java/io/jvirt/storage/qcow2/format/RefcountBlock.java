// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import java.nio.ByteBuffer;

/**
 * Refcounts of 1 to 64 bits in a block. Widths below 8 bits fill each byte from its low bits up; wider ones are
 * big-endian ("Host cluster management" in the specification).
 */
public final class RefcountBlock {
    private RefcountBlock() {}

    /** 64-bit counts above Long.MAX_VALUE, which no image can have a use for, come out as Long.MAX_VALUE. */
    public static long get(ByteBuffer block, int index, int refcountOrder) {
        return switch (refcountOrder) {
            case 0, 1, 2 -> {
                int bits = 1 << refcountOrder;
                int perByte = 8 / bits;
                yield (block.get(index / perByte) & 0xff) >>> (index % perByte * bits) & (1 << bits) - 1;
            }
            case 3 -> block.get(index) & 0xff;
            case 4 -> block.getShort(index * 2) & 0xffff;
            case 5 -> block.getInt(index * 4) & 0xffff_ffffL;
            default -> {
                long count = block.getLong(index * 8);
                yield count < 0 ? Long.MAX_VALUE : count;
            }
        };
    }

    /** As it is stored: a 64-bit count is unsigned. */
    public static String text(ByteBuffer block, int index, int refcountOrder) {
        return refcountOrder == 6
                ? Long.toUnsignedString(block.getLong(index * 8))
                : Long.toString(get(block, index, refcountOrder));
    }

    public static void set(ByteBuffer block, int index, int refcountOrder, long count) {
        switch (refcountOrder) {
            case 0, 1, 2 -> {
                int bits = 1 << refcountOrder;
                int perByte = 8 / bits;
                int shift = index % perByte * bits;
                int mask = (1 << bits) - 1;
                int others = block.get(index / perByte) & ~(mask << shift);
                block.put(index / perByte, (byte) (others | (int) count << shift));
            }
            case 3 -> block.put(index, (byte) count);
            case 4 -> block.putShort(index * 2, (short) count);
            case 5 -> block.putInt(index * 4, (int) count);
            default -> block.putLong(index * 8, count);
        }
    }

    /** Sets a run of counts to one; whole bytes at a time where it can. */
    public static void setOnes(ByteBuffer block, int firstIndex, int count, int refcountOrder) {
        if (refcountOrder == 0) {
            int at = firstIndex;
            int end = firstIndex + count;
            while (at < end && (at & 7) != 0) {
                set(block, at++, 0, 1);
            }
            for (; at + 8 <= end; at += 8) {
                block.put(at / 8, (byte) 0xff);
            }
            firstIndex = at;
            count = end - at;
        }
        for (int i = firstIndex; i < firstIndex + count; i++) {
            set(block, i, refcountOrder, 1);
        }
    }
}
