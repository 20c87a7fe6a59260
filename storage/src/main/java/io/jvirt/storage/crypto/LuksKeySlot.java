// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

/**
 * One of the eight key slots of a LUKS1 header, 48 bytes at 208 + 48 × index, big-endian: state (u32), iterations (u32),
 * salt (32 bytes), offset of the key material in sectors (u32), stripes (u32).
 *
 * @param active whether the slot holds a key
 * @param iterations of PBKDF2; 0 in an inactive slot
 * @param salt of PBKDF2
 * @param materialSector where the key material starts, in sectors of 512 bytes
 * @param stripes of the anti-forensic splitter
 */
@SuppressWarnings("ArrayRecordComponent")
public record LuksKeySlot(boolean active, long iterations, byte[] salt, long materialSector, long stripes) {
    static final int ACTIVE = 0x00AC71F3;
    static final int INACTIVE = 0x0000DEAD;
    /** The number of stripes that every LUKS1 implementation uses. */
    static final int STRIPES = 4000;

    public long materialOffset() {
        return materialSector * SectorCipher.SECTOR_BYTES;
    }

    LuksKeySlot activated(long newIterations, byte[] newSalt) {
        return new LuksKeySlot(true, newIterations, newSalt, materialSector, stripes);
    }

    LuksKeySlot erased() {
        return new LuksKeySlot(false, 0, new byte[LuksHeader.SALT_BYTES], materialSector, stripes);
    }
}
