// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A LUKS1 header, the first 592 bytes of an encrypted volume, big-endian (LUKS on-disk format 1.2.3, figure 1): magic
 * (6 bytes), version (u16), cipher, mode and hash (32 bytes each, NUL-terminated), payload offset in sectors (u32), key
 * bytes (u32), digest of the master key (20), its salt (32), its iterations (u32), UUID (40), eight key slots.
 *
 * @param cipher mode, key length and initial vectors of the payload and of the key material
 * @param hash of PBKDF2 and of the splitter
 * @param payloadSector where the payload starts, in sectors of 512 bytes
 * @param digest of the master key, 20 bytes
 * @param digestSalt 32 bytes
 * @param digestIterations of PBKDF2
 * @param uuid in its usual text form
 * @param slots the eight key slots
 */
@SuppressWarnings("ArrayRecordComponent")
public record LuksHeader(
        SectorCipherSpec cipher,
        HashAlgorithm hash,
        long payloadSector,
        byte[] digest,
        byte[] digestSalt,
        long digestIterations,
        String uuid,
        List<LuksKeySlot> slots) {
    /** Length of the header itself. */
    public static final int BYTES = 592;

    /** Magic and version, with which volumes of every version begin. */
    public static final int START_BYTES = 8;

    static final int SLOTS = 8;
    static final int SALT_BYTES = 32;
    static final int DIGEST_BYTES = 20;

    private static final byte[] MAGIC = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};
    private static final int NAME_BYTES = 32;
    private static final int UUID_BYTES = 40;
    /** Key material starts here and is aligned to this, as cryptsetup and QEMU do. */
    private static final int MATERIAL_ALIGNMENT_SECTORS = 4096 / SectorCipher.SECTOR_BYTES;

    public LuksHeader {
        slots = List.copyOf(slots);
    }

    public long payloadOffset() {
        return payloadSector * SectorCipher.SECTOR_BYTES;
    }

    /** Sectors that a slot's key material takes, with the alignment after it. */
    static long materialSectors(int keyBytes) {
        long sectors =
                ((long) keyBytes * LuksKeySlot.STRIPES + SectorCipher.SECTOR_BYTES - 1) / SectorCipher.SECTOR_BYTES;
        return (sectors + MATERIAL_ALIGNMENT_SECTORS - 1) / MATERIAL_ALIGNMENT_SECTORS * MATERIAL_ALIGNMENT_SECTORS;
    }

    static long firstMaterialSector() {
        return MATERIAL_ALIGNMENT_SECTORS;
    }

    LuksHeader withSlot(int index, LuksKeySlot slot) {
        List<LuksKeySlot> changed = new ArrayList<>(slots);
        changed.set(index, slot);
        return new LuksHeader(cipher, hash, payloadSector, digest, digestSalt, digestIterations, uuid, changed);
    }

    static byte[] magic() {
        return MAGIC.clone();
    }

    /** Whether these bytes begin a LUKS volume of any version. */
    public static boolean isLuks(ByteBuffer start) {
        if (start.remaining() < MAGIC.length) {
            return false;
        }
        for (int i = 0; i < MAGIC.length; i++) {
            if (start.get(start.position() + i) != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether these bytes begin a LUKS2 volume. */
    public static boolean isLuks2(ByteBuffer start) {
        return isLuks(start)
                && start.remaining() >= START_BYTES
                && start.getShort(start.position() + MAGIC.length) == 2;
    }

    /** Reads a header and checks every number in it. */
    static LuksHeader parse(ByteBuffer in) throws StorageException {
        if (!isLuks(in)) {
            throw new StorageException("Volume is not in LUKS format");
        }
        in.position(in.position() + MAGIC.length);
        int version = Short.toUnsignedInt(in.getShort());
        if (version != 1) {
            throw new StorageException("LUKS version " + version + " is not supported");
        }
        String cipherName = text(in, NAME_BYTES, "cipher name");
        String modeName = text(in, NAME_BYTES, "cipher mode");
        String hashName = text(in, NAME_BYTES, "hash spec");
        long payloadSector = Integer.toUnsignedLong(in.getInt());
        long keyBytes = Integer.toUnsignedLong(in.getInt());
        byte[] digest = bytes(in, DIGEST_BYTES);
        byte[] digestSalt = bytes(in, SALT_BYTES);
        long digestIterations = Integer.toUnsignedLong(in.getInt());
        String uuid = untilNul(bytes(in, UUID_BYTES));
        if (!cipherName.equals("aes")) {
            throw new StorageException("Algorithm '" + cipherName + "' not supported");
        }
        if (keyBytes > 64) {
            throw new StorageException("Algorithm 'aes' with key size " + keyBytes + " bytes not supported");
        }
        SectorCipherSpec cipher = SectorCipherSpec.ofModeId(modeName, (int) keyBytes);
        HashAlgorithm hash = HashAlgorithm.ofId(hashName);
        if (payloadSector < MATERIAL_ALIGNMENT_SECTORS) {
            throw new StorageException("LUKS payload is overlapping with the header");
        }
        if (digestIterations == 0) {
            throw new StorageException("LUKS key iteration count is zero");
        }
        List<LuksKeySlot> slots = new ArrayList<>(SLOTS);
        for (int i = 0; i < SLOTS; i++) {
            slots.add(parseSlot(in, i));
        }
        checkPlaces(slots, materialSectors((int) keyBytes), payloadSector);
        return new LuksHeader(cipher, hash, payloadSector, digest, digestSalt, digestIterations, uuid, slots);
    }

    private static LuksKeySlot parseSlot(ByteBuffer in, int index) throws StorageException {
        int state = in.getInt();
        long iterations = Integer.toUnsignedLong(in.getInt());
        byte[] salt = bytes(in, SALT_BYTES);
        long materialSector = Integer.toUnsignedLong(in.getInt());
        long stripes = Integer.toUnsignedLong(in.getInt());
        if (stripes != LuksKeySlot.STRIPES) {
            throw new StorageException(
                    "Keyslot " + index + " is corrupted (stripes " + stripes + " != " + LuksKeySlot.STRIPES + ")");
        }
        if (state != LuksKeySlot.ACTIVE && state != LuksKeySlot.INACTIVE) {
            throw new StorageException("Keyslot " + index + " state (active/disable) is corrupted");
        }
        if (state == LuksKeySlot.ACTIVE && iterations == 0) {
            throw new StorageException("Keyslot " + index + " iteration count is zero");
        }
        return new LuksKeySlot(state == LuksKeySlot.ACTIVE, iterations, salt, materialSector, stripes);
    }

    private static void checkPlaces(List<LuksKeySlot> slots, long length, long payloadSector) throws StorageException {
        for (int i = 0; i < SLOTS; i++) {
            long start = slots.get(i).materialSector();
            if (start < MATERIAL_ALIGNMENT_SECTORS) {
                throw new StorageException("Keyslot " + i + " is overlapping with the LUKS header");
            }
            if (start + length > payloadSector) {
                throw new StorageException("Keyslot " + i + " is overlapping with the encrypted payload");
            }
            for (int j = i + 1; j < SLOTS; j++) {
                long other = slots.get(j).materialSector();
                if (start + length > other && other + length > start) {
                    throw new StorageException("Keyslots " + i + " and " + j + " are overlapping in the header");
                }
            }
        }
    }

    /** The header as it lies on disk. */
    ByteBuffer toBytes() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.put(MAGIC).putShort((short) 1);
        put(out, "aes", NAME_BYTES);
        put(out, cipher.modeId(), NAME_BYTES);
        put(out, hash.id(), NAME_BYTES);
        out.putInt((int) payloadSector).putInt(cipher.keyBytes());
        out.put(digest).put(digestSalt).putInt((int) digestIterations);
        put(out, uuid, UUID_BYTES);
        for (LuksKeySlot slot : slots) {
            out.putInt(slot.active() ? LuksKeySlot.ACTIVE : LuksKeySlot.INACTIVE);
            out.putInt((int) slot.iterations()).put(slot.salt());
            out.putInt((int) slot.materialSector()).putInt((int) slot.stripes());
        }
        return out.flip();
    }

    private static void put(ByteBuffer out, String text, int length) {
        byte[] field = new byte[length];
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, field, 0, Math.min(bytes.length, length - 1));
        out.put(field);
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer in, int length, String field) throws StorageException {
        byte[] bytes = bytes(in, length);
        if (bytes[length - 1] != 0) {
            throw new StorageException("LUKS header " + field + " is not NUL terminated");
        }
        return untilNul(bytes);
    }

    private static String untilNul(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }
}
