// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A LUKS1 volume's header and key slots, where they lie. Messages are QEMU's. */
public final class LuksVolume extends KeySlots {
    /** An honest header asks for a few seconds' work; a hostile one would keep a machine busy for hours. */
    static final long MAX_ITERATIONS = 100_000_000;

    private final HeaderStorage storage;
    private LuksHeader header;

    private LuksVolume(HeaderStorage storage, LuksHeader header) {
        this.storage = storage;
        this.header = header;
    }

    /** Reads and checks the header; needs no passphrase. */
    public static LuksVolume open(HeaderStorage storage) throws IOException {
        if (storage.sizeBytes() < LuksHeader.BYTES) {
            throw new StorageException("Volume is not in LUKS format");
        }
        ByteBuffer bytes = ByteBuffer.allocate(LuksHeader.BYTES);
        storage.read(0, bytes);
        return new LuksVolume(storage, LuksHeader.parse(bytes.flip()));
    }

    /** The bytes before the payload that a volume with these options needs. */
    public static long headerBytes(LuksOptions options) throws StorageException {
        return payloadSector(options.cipher()) * SectorCipher.SECTOR_BYTES;
    }

    private static long payloadSector(SectorCipherSpec cipher) {
        return LuksHeader.firstMaterialSector() + LuksHeader.SLOTS * LuksHeader.materialSectors(cipher.keyBytes());
    }

    /** Writes a new header whose first slot opens with the passphrase. What was there is lost. */
    public static LuksVolume create(HeaderStorage storage, LuksOptions options, byte[] passphrase) throws IOException {
        SectorCipherSpec cipher = options.cipher();
        HashAlgorithm hash = options.hashAlgorithm();
        long milliseconds = options.milliseconds();
        SecureRandom random = new SecureRandom();
        byte[] masterKey = randomBytes(random, cipher.keyBytes());
        byte[] digestSalt = randomBytes(random, LuksHeader.SALT_BYTES);
        // The digest is tried once for each slot, so it gets an eighth of the time.
        long digestIterations = iterations(hash, LuksHeader.DIGEST_BYTES, milliseconds, LuksHeader.SLOTS);
        byte[] digest = Pbkdf2.derive(hash, masterKey, digestSalt, (int) digestIterations, LuksHeader.DIGEST_BYTES);
        List<LuksKeySlot> slots = new ArrayList<>();
        for (int i = 0; i < LuksHeader.SLOTS; i++) {
            long sector = LuksHeader.firstMaterialSector() + i * LuksHeader.materialSectors(cipher.keyBytes());
            slots.add(new LuksKeySlot(false, 0, new byte[LuksHeader.SALT_BYTES], sector, LuksKeySlot.STRIPES));
        }
        LuksHeader header = new LuksHeader(
                cipher,
                hash,
                payloadSector(cipher),
                digest,
                digestSalt,
                digestIterations,
                UUID.randomUUID().toString(),
                slots);
        LuksVolume volume = new LuksVolume(storage, header);
        volume.store(0, masterKey, passphrase, milliseconds);
        Arrays.fill(masterKey, (byte) 0);
        return volume;
    }

    public LuksHeader header() {
        return header;
    }

    @Override
    int slotCount() {
        return LuksHeader.SLOTS;
    }

    @Override
    boolean isActive(int slot) {
        return header.slots().get(slot).active();
    }

    /** The payload's cipher, for the passphrase of any slot. */
    public SectorTransform unlock(byte[] passphrase) throws IOException {
        byte[] key = masterKey(passphrase);
        SectorTransform transform = new SectorTransform(header.cipher(), key);
        Arrays.fill(key, (byte) 0);
        return transform;
    }

    /** The master key in a slot, or no bytes when the slot is free or the passphrase is another. */
    @Override
    byte[] masterKey(int index, byte[] passphrase) throws IOException {
        LuksKeySlot slot = header.slots().get(index);
        if (!slot.active()) {
            return new byte[0];
        }
        int keyBytes = header.cipher().keyBytes();
        byte[] material = new byte[keyBytes * LuksKeySlot.STRIPES];
        if (slot.materialOffset() + material.length > storage.sizeBytes()) {
            throw new StorageException("Keyslot " + index + " lies beyond the end of the volume");
        }
        byte[] slotKey = Pbkdf2.derive(header.hash(), passphrase, slot.salt(), bounded(slot.iterations()), keyBytes);
        storage.read(slot.materialOffset(), ByteBuffer.wrap(material));
        crypt(new SectorCipher(header.cipher(), slotKey), material, false);
        byte[] key = AntiForensicSplitter.merge(header.hash(), material, keyBytes, LuksKeySlot.STRIPES);
        Arrays.fill(material, (byte) 0);
        byte[] digest = Pbkdf2.derive(
                header.hash(), key, header.digestSalt(), bounded(header.digestIterations()), LuksHeader.DIGEST_BYTES);
        return Arrays.equals(digest, header.digest()) ? key : new byte[0];
    }

    private static int bounded(long iterations) throws StorageException {
        if (iterations > MAX_ITERATIONS) {
            throw new StorageException(
                    "the LUKS header asks for " + iterations + " PBKDF2 iterations, more than " + MAX_ITERATIONS);
        }
        return (int) iterations;
    }

    /** Key material first, then the header that refers to it. */
    @Override
    void store(int index, byte[] masterKey, byte[] passphrase, @Nullable Long milliseconds) throws IOException {
        SecureRandom random = new SecureRandom();
        byte[] salt = randomBytes(random, LuksHeader.SALT_BYTES);
        long iterations = iterations(header.hash(), masterKey.length, LuksOptions.checkedMilliseconds(milliseconds), 1);
        byte[] slotKey = Pbkdf2.derive(header.hash(), passphrase, salt, (int) iterations, masterKey.length);
        byte[] material = AntiForensicSplitter.split(header.hash(), masterKey, LuksKeySlot.STRIPES, random);
        crypt(new SectorCipher(header.cipher(), slotKey), material, true);
        LuksKeySlot slot = header.slots().get(index).activated(iterations, salt);
        storage.write(slot.materialOffset(), ByteBuffer.wrap(material));
        storage.flush();
        header = header.withSlot(index, slot);
        storage.write(0, header.toBytes());
        storage.flush();
    }

    /** The header first, then the key material that nothing refers to any more. */
    @Override
    void erase(int index) throws IOException {
        header = header.withSlot(index, header.slots().get(index).erased());
        storage.write(0, header.toBytes());
        storage.flush();
        byte[] noise = randomBytes(new SecureRandom(), header.cipher().keyBytes() * LuksKeySlot.STRIPES);
        storage.write(header.slots().get(index).materialOffset(), ByteBuffer.wrap(noise));
        storage.flush();
    }

    static void crypt(SectorCipher cipher, byte[] material, boolean encrypt) {
        for (int at = 0; at < material.length; at += SectorCipher.MAX_BYTES) {
            int length = Math.min(SectorCipher.MAX_BYTES, material.length - at);
            if (encrypt) {
                cipher.encrypt(at / SectorCipher.SECTOR_BYTES, material, at, length);
            } else {
                cipher.decrypt(at / SectorCipher.SECTOR_BYTES, material, at, length);
            }
        }
    }

    static long iterations(HashAlgorithm hash, int keyBytes, long milliseconds, int share) {
        int blocks = (keyBytes + hash.digestBytes() - 1) / hash.digestBytes();
        long iterations = Pbkdf2.iterationsIn(hash, keyBytes, milliseconds) / blocks / share;
        return Math.max(Pbkdf2.MIN_ITERATIONS, Math.min(iterations, MAX_ITERATIONS));
    }

    static byte[] randomBytes(SecureRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
