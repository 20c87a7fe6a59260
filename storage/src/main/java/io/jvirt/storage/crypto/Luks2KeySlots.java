// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Gets the volume key out of the key slots of a LUKS2 header (LUKS2 on-disk format specification, 3.2 and 3.5). */
final class Luks2KeySlots {
    /** What cryptsetup itself takes at most by default. */
    private static final long MAX_MEMORY_KIBIBYTES = 1 << 20;

    /** Passes over the memory times its size: some ten seconds' work. */
    private static final long MAX_WORK_KIBIBYTES = 64L << 20;

    private static final int MAX_KEY_BYTES = 64;

    private Luks2KeySlots() {}

    static SectorTransform unlock(Luks2Header header, HeaderStorage storage, byte[] passphrase) throws IOException {
        Luks2Header.Segment segment = header.segment();
        for (String slot : header.names("keyslots.")) {
            if (!header.text(slot + "type").equals("luks2")) {
                continue;
            }
            byte[] key = volumeKey(header, storage, slot, passphrase);
            if (isVolumeKey(header, key)) {
                SectorTransform transform = new SectorTransform(
                        cipher(segment.cipherName(), key.length), key, segment.sectorBytes(), segment.firstSector());
                Arrays.fill(key, (byte) 0);
                return transform;
            }
        }
        throw new StorageException("Invalid password, cannot unlock any keyslot");
    }

    private static SectorCipherSpec cipher(String name, int keyBytes) throws StorageException {
        if (!name.startsWith("aes-")) {
            throw new StorageException("Algorithm '" + name + "' not supported");
        }
        return SectorCipherSpec.ofModeId(name.substring("aes-".length()), keyBytes);
    }

    private static int keyBytes(Luks2Header header, String key) throws StorageException {
        long bytes = header.number(key);
        if (bytes == 0 || bytes > MAX_KEY_BYTES) {
            throw Luks2Header.damaged("a key of " + bytes + " bytes");
        }
        return (int) bytes;
    }

    /** What the passphrase makes of a slot: the volume key, or noise. */
    private static byte[] volumeKey(Luks2Header header, HeaderStorage storage, String slot, byte[] passphrase)
            throws IOException {
        int keyBytes = keyBytes(header, slot + "key_size");
        int areaKeyBytes = keyBytes(header, slot + "area.key_size");
        long stripes = header.number(slot + "af.stripes");
        long offset = header.number(slot + "area.offset");
        long length = keyBytes * stripes;
        if (!header.text(slot + "af.type").equals("luks1")
                || !header.text(slot + "area.type").equals("raw")
                || stripes < 1
                || stripes > LuksKeySlot.STRIPES
                || length > header.number(slot + "area.size")
                || offset > storage.sizeBytes() - length) {
            throw Luks2Header.damaged("the area of '" + slot + "' is not within the volume");
        }
        byte[] slotKey = derive(header, slot + "kdf.", passphrase, areaKeyBytes);
        byte[] material = new byte[(int) length];
        storage.read(offset, ByteBuffer.wrap(material));
        SectorCipher cipher = new SectorCipher(cipher(header.text(slot + "area.encryption"), areaKeyBytes), slotKey);
        for (int at = 0; at < material.length; at += SectorCipher.MAX_BYTES) {
            int part = Math.min(SectorCipher.MAX_BYTES, material.length - at);
            cipher.decrypt(at / SectorCipher.SECTOR_BYTES, material, at, part);
        }
        HashAlgorithm hash = HashAlgorithm.ofId(header.text(slot + "af.hash"));
        byte[] key = AntiForensicSplitter.merge(hash, material, keyBytes, (int) stripes);
        Arrays.fill(material, (byte) 0);
        return key;
    }

    private static byte[] derive(Luks2Header header, String kdf, byte[] secret, int keyBytes) throws StorageException {
        byte[] salt = bytes(header, kdf + "salt");
        String type = header.text(kdf + "type");
        if (type.equals("pbkdf2")) {
            HashAlgorithm hash = HashAlgorithm.ofId(header.text(kdf + "hash"));
            return Pbkdf2.derive(hash, secret, salt, iterations(header, kdf), keyBytes);
        }
        if (!type.equals("argon2id") && !type.equals("argon2i")) {
            throw new StorageException("Key derivation '" + type + "' not supported");
        }
        long memory = header.number(kdf + "memory");
        long time = header.number(kdf + "time");
        long lanes = header.number(kdf + "cpus");
        if (memory < 8 || memory > MAX_MEMORY_KIBIBYTES || time < 1 || time > MAX_WORK_KIBIBYTES / memory) {
            throw new StorageException("the LUKS2 header asks for " + time + " passes over " + memory
                    + " KiB of memory, more than is done");
        }
        if (lanes < 1 || lanes > 64) {
            throw Luks2Header.damaged("'" + kdf + "cpus' is " + lanes);
        }
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(
                        type.equals("argon2i") ? Argon2Parameters.ARGON2_i : Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(salt)
                .withIterations((int) time)
                .withMemoryAsKB((int) memory)
                .withParallelism((int) lanes)
                .build());
        byte[] key = new byte[keyBytes];
        generator.generateBytes(secret, key);
        return key;
    }

    private static int iterations(Luks2Header header, String object) throws StorageException {
        long iterations = header.number(object + "iterations");
        if (iterations < 1 || iterations > LuksVolume.MAX_ITERATIONS) {
            throw new StorageException("the LUKS2 header asks for " + iterations + " PBKDF2 iterations, more than "
                    + LuksVolume.MAX_ITERATIONS);
        }
        return (int) iterations;
    }

    private static boolean isVolumeKey(Luks2Header header, byte[] key) throws StorageException {
        for (String digest : header.names("digests.")) {
            if (!header.text(digest + "type").equals("pbkdf2")) {
                continue;
            }
            byte[] expected = bytes(header, digest + "digest");
            HashAlgorithm hash = HashAlgorithm.ofId(header.text(digest + "hash"));
            byte[] salt = bytes(header, digest + "salt");
            if (expected.length == 0 || expected.length > 64) {
                throw Luks2Header.damaged("a digest of " + expected.length + " bytes");
            }
            if (Arrays.equals(expected, Pbkdf2.derive(hash, key, salt, iterations(header, digest), expected.length))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(Luks2Header header, String key) throws StorageException {
        try {
            return Base64.getDecoder().decode(header.text(key));
        } catch (IllegalArgumentException e) {
            throw Luks2Header.damaged("'" + key + "' is no base64 text");
        }
    }
}
