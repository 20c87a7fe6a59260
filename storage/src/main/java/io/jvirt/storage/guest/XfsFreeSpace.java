// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.guest;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.guest.Ext4FreeSpace.Ranges;
import io.jvirt.storage.guest.PartitionTable.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that an XFS file system does not use, from the tree by block number that each allocation group has. Only one
 * that was unmounted cleanly is read ({@link XfsLog}), and each tree must fit its group's count of free blocks and its
 * checksums where there are some.
 *
 * <p>All is big-endian but the checksums. The superblock lies at byte 0, a group's header in its second sector.
 */
final class XfsFreeSpace {
    private static final int SUPERBLOCK_BYTES = 512;
    private static final int MAGIC = 0x58465342;
    private static final int GROUP_MAGIC = 0x58414746;
    private static final int TREE_MAGIC = 0x41425442;
    private static final int TREE_MAGIC_CHECKED = 0x41423342;
    private static final int NONE = -1;

    /** Features that change nothing in where free space is told: file types to parent pointers, without "needs repair". */
    private static final int INCOMPAT_KNOWN = 0xef;

    private static final int RO_KNOWN = 0xf;
    private static final int MAX_LEVELS = 9;

    private final DiskImage disk;
    private final Part part;
    private final ByteBuffer superblock;
    private final int blockBytes;
    private final int sectorBytes;
    private final long blocks;
    private final long perGroup;
    private final long groups;
    private final boolean checked;

    private XfsFreeSpace(DiskImage disk, Part part, ByteBuffer superblock) {
        this.disk = disk;
        this.part = part;
        this.superblock = superblock;
        blockBytes = superblock.getInt(4);
        sectorBytes = superblock.getShort(102) & 0xffff;
        blocks = superblock.getLong(8);
        perGroup = Integer.toUnsignedLong(superblock.getInt(84));
        groups = Integer.toUnsignedLong(superblock.getInt(88));
        checked = (superblock.getShort(100) & 0xf) == 5;
    }

    static boolean isHere(DiskImage disk, Part part) throws IOException {
        return part.lengthBytes() >= SUPERBLOCK_BYTES
                && read(disk, part.offset(), 4).getInt(0) == MAGIC;
    }

    /** Tells the free ranges; answers null, or why the file system is left alone. */
    static @Nullable String read(DiskImage disk, Part part, Ranges ranges) throws IOException {
        XfsFreeSpace fileSystem = new XfsFreeSpace(disk, part, read(disk, part.offset(), SUPERBLOCK_BYTES));
        String refusal = fileSystem.refusal();
        if (refusal != null) {
            return refusal;
        }
        // First all is looked at and nothing told: what is wrong in the last group makes the first one doubtful too.
        refusal = fileSystem.groups((offset, length) -> {});
        return refusal != null ? refusal : fileSystem.groups(ranges);
    }

    private static ByteBuffer read(DiskImage disk, long offset, int length) throws IOException {
        return PartitionTable.read(disk, offset, length).order(ByteOrder.BIG_ENDIAN);
    }

    private @Nullable String refusal() throws IOException {
        int version = superblock.getShort(100) & 0xf;
        boolean sane = (version == 4 || version == 5)
                && blockBytes >= 512
                && blockBytes <= 65536
                && Integer.bitCount(blockBytes) == 1
                && sectorBytes >= 512
                && sectorBytes <= blockBytes
                && Integer.bitCount(sectorBytes) == 1
                && superblock.get(126) == 0
                && perGroup > 0
                && groups > 0
                && blocks > 0
                && blocks <= part.lengthBytes() / blockBytes
                && groups == (blocks + perGroup - 1) / perGroup;
        if (!sane || (checked && !isSumRight(read(disk, part.offset(), sectorBytes), 224))) {
            return "its superblock is damaged";
        }
        if (checked && ((superblock.getInt(216) & ~INCOMPAT_KNOWN) != 0 || (superblock.getInt(212) & ~RO_KNOWN) != 0)) {
            return "it has features that are not known here, or needs a repair";
        }
        if (checked && superblock.getInt(220) != 0) {
            return "its log is not empty: it is mounted, or was not unmounted";
        }
        long logStart = superblock.getLong(48);
        long logBytes = Integer.toUnsignedLong(superblock.getInt(96)) * blockBytes;
        int groupBits = superblock.get(124) & 0xff;
        if (logStart <= 0 || groupBits > 32) {
            return "its log lies elsewhere, so that nothing tells whether it was unmounted";
        }
        long logBlock = (logStart >>> groupBits) * perGroup + (logStart & (1L << groupBits) - 1);
        if (logBlock >= blocks || logBytes / blockBytes > blocks - logBlock) {
            return "its superblock is damaged";
        }
        return XfsLog.isUnmounted(disk, part.offset() + logBlock * blockBytes, logBytes)
                ? null
                : "its log is not empty: it is mounted, or was not unmounted";
    }

    private @Nullable String groups(Ranges ranges) throws IOException {
        for (long group = 0; group < groups; group++) {
            String refusal = group(group, ranges);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable String group(long group, Ranges ranges) throws IOException {
        long start = part.offset() + group * perGroup * blockBytes;
        long size = Math.min(perGroup, blocks - group * perGroup);
        if (size * blockBytes < 2L * sectorBytes) {
            return "its allocation groups are damaged";
        }
        ByteBuffer header = read(disk, start + sectorBytes, sectorBytes);
        int levels = header.getInt(28);
        if (header.getInt(0) != GROUP_MAGIC
                || header.getInt(8) != (int) group
                || Integer.toUnsignedLong(header.getInt(12)) != size
                || levels < 1
                || levels > MAX_LEVELS
                || (checked && !isSumRight(header, 216))) {
            return "the header of an allocation group is damaged";
        }
        int first = leftmost(start, size, header.getInt(16), levels);
        return first == NONE
                ? "a tree of free blocks is damaged"
                : leaves(start, size, first, header.getInt(52), ranges);
    }

    /** The leaf with the lowest block numbers, or {@link #NONE}. */
    private int leftmost(long start, long size, int root, int levels) throws IOException {
        int block = root;
        for (int level = levels - 1; level > 0; level--) {
            ByteBuffer node = tree(start, size, block, level);
            if (node == null) {
                return NONE;
            }
            int most = (blockBytes - headerBytes()) / 12;
            if ((node.getShort(6) & 0xffff) < 1 || (node.getShort(6) & 0xffff) > most) {
                return NONE;
            }
            // Keys of 8 bytes for as many children as there may be, then where the children lie.
            block = node.getInt(headerBytes() + 8 * most);
        }
        return block;
    }

    private @Nullable String leaves(long start, long size, int first, int freeBlocks, Ranges ranges)
            throws IOException {
        long free = 0;
        long behind = 0;
        long visited = 0;
        for (int block = first; block != NONE; ) {
            ByteBuffer leaf = visited++ > size ? null : tree(start, size, block, 0);
            int records = leaf == null ? -1 : leaf.getShort(6) & 0xffff;
            if (leaf == null || records > (blockBytes - headerBytes()) / 8) {
                return "a tree of free blocks is damaged";
            }
            for (int i = 0; i < records; i++) {
                long at = Integer.toUnsignedLong(leaf.getInt(headerBytes() + 8 * i));
                long length = Integer.toUnsignedLong(leaf.getInt(headerBytes() + 8 * i + 4));
                if (at < behind || length == 0 || length > size - at) {
                    return "a tree of free blocks is damaged";
                }
                behind = at + length;
                free += length;
                ranges.range(start + at * blockBytes, length * blockBytes);
            }
            block = leaf.getInt(12);
        }
        return free == Integer.toUnsignedLong(freeBlocks) ? null : "a tree does not fit the count of free blocks";
    }

    private int headerBytes() {
        return checked ? 56 : 16;
    }

    /** A block of the tree, or null where there is none. */
    private @Nullable ByteBuffer tree(long start, long size, int block, int level) throws IOException {
        if (block <= 0 || block >= size) {
            return null;
        }
        ByteBuffer found = read(disk, start + (long) block * blockBytes, blockBytes);
        boolean good = found.getInt(0) == (checked ? TREE_MAGIC_CHECKED : TREE_MAGIC)
                && found.getShort(4) == level
                && (!checked || isSumRight(found, 52));
        return good ? found : null;
    }

    /** A CRC-32C of the whole with its own place as zeros, little-endian. */
    private static boolean isSumRight(ByteBuffer bytes, int sumAt) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, sumAt));
        crc.update(new byte[4], 0, 4);
        crc.update(bytes.slice(sumAt + 4, bytes.limit() - sumAt - 4));
        return (int) crc.getValue() == Integer.reverseBytes(bytes.getInt(sumAt));
    }
}
