// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

/**
 * The bits of an L2 entry (and of an L1 entry, which knows only offset and copied). "Cluster mapping" in the
 * specification.
 *
 * <p>Standard cluster: bit 0 reads as zeros (v3, not with extended entries), bits 9-55 host offset, bit 63 refcount is
 * exactly one. Compressed cluster (bit 62): the low {@code x = 62 - (clusterBits - 8)} bits are the host offset of the
 * first byte, bits x to 61 the number of further 512-byte sectors.
 */
public final class L2Entry {
    public static final long COPIED = 1L << 63;
    public static final long COMPRESSED = 1L << 62;
    public static final long ZERO = 1L;
    public static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

    /** Bits that must be zero in a standard descriptor: 1-8 and 56-61. */
    public static final long RESERVED_MASK = 0x3f00_0000_0000_01feL;

    /** L1 entries have bit 0 and bits 1-8 reserved, and bits 56-62. */
    public static final long L1_RESERVED_MASK = 0x7f00_0000_0000_01ffL;

    /** All subclusters allocated: the low half of an extended entry's bitmap. */
    public static final long ALL_ALLOCATED = 0xffff_ffffL;

    /** All subclusters read as zeros: the high half of an extended entry's bitmap. */
    public static final long ALL_ZERO = ALL_ALLOCATED << 32;

    /** Compressed data is counted in sectors of this size. */
    public static final int COMPRESSED_SECTOR_BYTES = 512;

    private L2Entry() {}

    public static boolean isCompressed(long entry) {
        return (entry & COMPRESSED) != 0;
    }

    public static boolean isCopied(long entry) {
        return (entry & COPIED) != 0;
    }

    /** The host offset of a standard cluster or L2 table, 0 where there is none. */
    public static long hostOffset(long entry) {
        return entry & OFFSET_MASK;
    }

    private static int compressedOffsetBits(int clusterBits) {
        return 62 - (clusterBits - 8);
    }

    public static long compressedHostOffset(long entry, int clusterBits) {
        return entry & ((1L << compressedOffsetBits(clusterBits)) - 1);
    }

    /** How many bytes from the host offset on may belong to the compressed data: up to the end of its last sector. */
    public static int compressedLengthBytes(long entry, int clusterBits) {
        int shift = compressedOffsetBits(clusterBits);
        long furtherSectors = (entry & ~(COPIED | COMPRESSED)) >>> shift;
        int inSector = (int) (compressedHostOffset(entry, clusterBits) & (COMPRESSED_SECTOR_BYTES - 1));
        return (int) (furtherSectors + 1) * COMPRESSED_SECTOR_BYTES - inSector;
    }

    public static long compressed(long hostOffset, int lengthBytes, int clusterBits) {
        long lastByte = hostOffset + lengthBytes - 1;
        long furtherSectors = lastByte / COMPRESSED_SECTOR_BYTES - hostOffset / COMPRESSED_SECTOR_BYTES;
        return COMPRESSED | furtherSectors << compressedOffsetBits(clusterBits) | hostOffset;
    }

    /** The highest host offset plus one that a compressed cluster can be given. */
    public static long compressedOffsetLimit(int clusterBits) {
        return Math.min(1L << compressedOffsetBits(clusterBits), 1L << 56);
    }
}
