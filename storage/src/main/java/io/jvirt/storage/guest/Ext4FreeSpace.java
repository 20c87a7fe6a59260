// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.guest;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.guest.PartitionTable.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that an ext2, ext3 or ext4 file system does not use, from its block bitmaps. Only one that was unmounted
 * cleanly is read, and each bitmap must fit its group's count of free blocks and its checksum where there is one.
 *
 * <p>All is little-endian. The superblock lies at byte 1024; the group descriptors follow in the next block.
 */
final class Ext4FreeSpace {
    private static final int SUPERBLOCK_AT = 1024;
    private static final int SUPERBLOCK_BYTES = 1024;
    private static final int MAGIC = 0xef53;

    private static final int INCOMPAT_RECOVER = 0x4;
    private static final int INCOMPAT_64BIT = 0x80;
    private static final int INCOMPAT_CSUM_SEED = 0x2000;

    /** Features that change nothing in where bitmaps lie and what they mean. */
    private static final int INCOMPAT_KNOWN = 0x2
            | INCOMPAT_RECOVER
            | 0x40
            | INCOMPAT_64BIT
            | 0x200
            | 0x400
            | INCOMPAT_CSUM_SEED
            | 0x4000
            | 0x8000
            | 0x10000
            | 0x20000;

    private static final int RO_BIGALLOC = 0x200;
    private static final int RO_METADATA_CSUM = 0x400;
    private static final int BLOCK_UNINIT = 0x2;
    private static final int STATE_CLEAN = 1;
    private static final int STATE_ERRORS = 2;

    private final DiskImage disk;
    private final Part part;
    private final ByteBuffer superblock;
    private final int blockBytes;
    private final long blocks;
    private final int perGroup;
    private final int firstBlock;
    private final int descriptorBytes;

    /** Takes ranges of the disk. */
    @FunctionalInterface
    interface Ranges {
        void range(long guestOffset, long lengthBytes) throws IOException;
    }

    private Ext4FreeSpace(DiskImage disk, Part part, ByteBuffer superblock) {
        this.disk = disk;
        this.part = part;
        this.superblock = superblock;
        blockBytes = 1024 << Math.min(6, superblock.getInt(24) & 0x1f);
        boolean wide = (superblock.getInt(96) & INCOMPAT_64BIT) != 0;
        blocks = Integer.toUnsignedLong(superblock.getInt(4))
                | (wide ? Integer.toUnsignedLong(superblock.getInt(336)) << 32 : 0);
        perGroup = superblock.getInt(32);
        firstBlock = superblock.getInt(20);
        descriptorBytes = wide ? superblock.getShort(254) & 0xffff : 32;
    }

    static boolean isHere(DiskImage disk, Part part) throws IOException {
        return part.lengthBytes() >= SUPERBLOCK_AT + SUPERBLOCK_BYTES
                && (PartitionTable.read(disk, part.offset() + SUPERBLOCK_AT, 64).getShort(56) & 0xffff) == MAGIC;
    }

    /** Tells the free ranges; answers null, or why the file system is left alone. */
    static @Nullable String read(DiskImage disk, Part part, Ranges ranges) throws IOException {
        ByteBuffer superblock = PartitionTable.read(disk, part.offset() + SUPERBLOCK_AT, SUPERBLOCK_BYTES);
        Ext4FreeSpace fileSystem = new Ext4FreeSpace(disk, part, superblock);
        String refusal = fileSystem.refusal();
        if (refusal != null) {
            return refusal;
        }
        // First all is looked at and nothing told: what is wrong in the last group makes the first one doubtful too.
        refusal = fileSystem.groups((offset, length) -> {});
        return refusal != null ? refusal : fileSystem.groups(ranges);
    }

    private @Nullable String refusal() {
        int incompatible = superblock.getInt(96);
        int state = superblock.getShort(58);
        if ((incompatible & INCOMPAT_RECOVER) != 0) {
            return "its journal is not empty: it is mounted, or was not unmounted";
        }
        if ((state & STATE_CLEAN) == 0 || (state & STATE_ERRORS) != 0) {
            return "it is not marked clean";
        }
        if ((incompatible & ~INCOMPAT_KNOWN) != 0 || (superblock.getInt(100) & RO_BIGALLOC) != 0) {
            return "it has features that are not known here";
        }
        boolean sane = superblock.getInt(24) >= 0
                && superblock.getInt(24) <= 6
                && perGroup > 0
                && perGroup <= blockBytes * 8
                && perGroup % 8 == 0
                && (firstBlock == 0 || firstBlock == 1)
                && blocks > firstBlock
                && blocks <= part.lengthBytes() / blockBytes
                && descriptorBytes >= 32
                && descriptorBytes <= blockBytes
                && Integer.bitCount(descriptorBytes) == 1;
        return sane ? null : "its superblock is damaged";
    }

    private @Nullable String groups(Ranges ranges) throws IOException {
        long count = (blocks - firstBlock + perGroup - 1) / perGroup;
        int perRead = blockBytes / descriptorBytes;
        ByteBuffer descriptors = superblock;
        for (long group = 0; group < count; group++) {
            int inBlock = (int) (group % perRead);
            if (inBlock == 0) {
                long block = firstBlock + 1 + group / perRead;
                if (block >= blocks) {
                    return "its group descriptors are damaged";
                }
                descriptors = PartitionTable.read(disk, part.offset() + block * blockBytes, blockBytes);
            }
            String refusal = group(
                    descriptors
                            .slice(inBlock * descriptorBytes, descriptorBytes)
                            .order(descriptors.order()),
                    group,
                    ranges);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable String group(ByteBuffer descriptor, long group, Ranges ranges) throws IOException {
        if ((descriptor.getShort(18) & BLOCK_UNINIT) != 0) {
            // Never used; where its own tables lie no bitmap tells, so it is left as it is.
            return null;
        }
        boolean wide = descriptorBytes >= 64;
        long bitmapBlock = Integer.toUnsignedLong(descriptor.getInt(0))
                | (wide ? Integer.toUnsignedLong(descriptor.getInt(32)) << 32 : 0);
        long first = firstBlock + group * perGroup;
        int size = (int) Math.min(perGroup, blocks - first);
        if (bitmapBlock <= firstBlock || bitmapBlock >= blocks) {
            return "the place of a block bitmap is damaged";
        }
        ByteBuffer bitmap = PartitionTable.read(disk, part.offset() + bitmapBlock * blockBytes, perGroup / 8);
        if (!isSumRight(bitmap, descriptor, wide)) {
            return "the checksum of a block bitmap is wrong";
        }
        int free = 0;
        int runStart = -1;
        for (int i = 0; i <= size; i++) {
            boolean isFree = i < size && (bitmap.get(i >> 3) >> (i & 7) & 1) == 0;
            free += isFree ? 1 : 0;
            if (isFree && runStart < 0) {
                runStart = i;
            } else if (!isFree && runStart >= 0) {
                ranges.range(part.offset() + (first + runStart) * blockBytes, (long) (i - runStart) * blockBytes);
                runStart = -1;
            }
        }
        int counted = (descriptor.getShort(12) & 0xffff) | (wide ? (descriptor.getShort(44) & 0xffff) << 16 : 0);
        return free == counted ? null : "a block bitmap does not fit the count of free blocks";
    }

    /** A CRC-32C of the file system's UUID and the bitmap; narrow descriptors hold its lower half. */
    private boolean isSumRight(ByteBuffer bitmap, ByteBuffer descriptor, boolean wide) {
        if ((superblock.getInt(100) & RO_METADATA_CSUM) == 0 || (superblock.getInt(96) & INCOMPAT_CSUM_SEED) != 0) {
            return true;
        }
        CRC32C crc = new CRC32C();
        crc.update(superblock.array(), 104, 16);
        crc.update(bitmap.array());
        int sum = ~(int) crc.getValue();
        int low = descriptor.getShort(24) & 0xffff;
        return (sum & 0xffff) == low && (!wide || sum >>> 16 == (descriptor.getShort(56) & 0xffff));
    }
}
