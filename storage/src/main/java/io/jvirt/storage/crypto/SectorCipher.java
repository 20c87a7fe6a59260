// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and decrypts sectors of 512 bytes in place. Many sectors go through the cipher in one call, and no cipher is
 * keyed again between sectors. Not thread-safe.
 */
final class SectorCipher {
    static final int SECTOR_BYTES = 512;
    /** The most that one call takes. */
    static final int MAX_BYTES = 16 * SECTOR_BYTES;

    private static final int BLOCK_BYTES = 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final SectorCipherSpec spec;
    private final byte[] key;
    private final int unitBytes;
    private final byte[] vectors = new byte[MAX_BYTES / SECTOR_BYTES * BLOCK_BYTES];
    private final byte[] cleanVectors = new byte[vectors.length];
    private final byte[] mask = new byte[MAX_BYTES];
    private final byte[] scratch = new byte[MAX_BYTES];
    private final byte[] lastCiphertext = new byte[BLOCK_BYTES];
    private @Nullable Cipher ecbEncrypt;
    private @Nullable Cipher ecbDecrypt;
    private @Nullable Cipher cbcEncrypt;
    private @Nullable Cipher tweakEncrypt;
    private @Nullable Cipher essivEncrypt;

    SectorCipher(SectorCipherSpec spec, byte[] key) {
        this(spec, key, SECTOR_BYTES);
    }

    /** Encryption in units of several sectors, as LUKS2 may have it; a unit's number is that of its first sector. */
    SectorCipher(SectorCipherSpec spec, byte[] key, int unitBytes) {
        if (key.length != spec.keyBytes()) {
            throw new IllegalArgumentException("key of " + key.length + " bytes");
        }
        this.spec = spec;
        this.key = key.clone();
        this.unitBytes = unitBytes;
    }

    /** Encrypts whole sectors; only the last one may be shorter, a multiple of 16 bytes. */
    void encrypt(long firstSector, byte[] buffer, int offset, int length) {
        try {
            switch (spec.mode()) {
                case ECB -> transform(encryptor(), buffer, offset, length);
                case CBC -> encryptCbc(firstSector, buffer, offset, length);
                case XTS -> xts(encryptor(), firstSector, buffer, offset, length);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The inverse of {@link #encrypt}. */
    void decrypt(long firstSector, byte[] buffer, int offset, int length) {
        try {
            switch (spec.mode()) {
                case ECB -> transform(decryptor(), buffer, offset, length);
                case CBC -> decryptCbc(firstSector, buffer, offset, length);
                case XTS -> xts(decryptor(), firstSector, buffer, offset, length);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void transform(Cipher cipher, byte[] buffer, int offset, int length) throws GeneralSecurityException {
        // From a second array: the cipher copies what it is asked to change in place.
        System.arraycopy(buffer, offset, scratch, 0, length);
        cipher.update(scratch, 0, length, buffer, offset);
    }

    private void xts(Cipher cipher, long firstSector, byte[] buffer, int offset, int length)
            throws GeneralSecurityException {
        makeVectors(firstSector, length);
        Cipher tweakCipher = tweakEncrypt;
        if (tweakCipher == null) {
            // The second half of the key.
            tweakCipher = aesEcb(Cipher.ENCRYPT_MODE, key, spec.cipherKeyBytes());
            tweakEncrypt = tweakCipher;
        }
        int sectors = sectors(length);
        tweakCipher.update(vectors, 0, sectors * BLOCK_BYTES, scratch, 0);
        for (int sector = 0; sector < sectors; sector++) {
            long low = (long) LONG.get(scratch, sector * BLOCK_BYTES);
            long high = (long) LONG.get(scratch, sector * BLOCK_BYTES + 8);
            int end = Math.min(length, (sector + 1) * unitBytes);
            for (int at = sector * unitBytes; at < end; at += BLOCK_BYTES) {
                LONG.set(mask, at, low);
                LONG.set(mask, at + 8, high);
                // Times x in GF(2^128): shift left, and fold the bit that falls out back in.
                long carry = high >> 63;
                high = high << 1 | low >>> 63;
                low = low << 1 ^ (carry & 0x87);
            }
        }
        for (int at = 0; at < length; at += 8) {
            LONG.set(scratch, at, (long) LONG.get(buffer, offset + at) ^ (long) LONG.get(mask, at));
        }
        cipher.update(scratch, 0, length, buffer, offset);
        for (int at = 0; at < length; at += 8) {
            LONG.set(buffer, offset + at, (long) LONG.get(buffer, offset + at) ^ (long) LONG.get(mask, at));
        }
    }

    private void decryptCbc(long firstSector, byte[] buffer, int offset, int length) throws GeneralSecurityException {
        makeVectors(firstSector, length);
        System.arraycopy(buffer, offset, scratch, 0, length);
        decryptor().update(scratch, 0, length, buffer, offset);
        for (int at = 0; at < length; at += BLOCK_BYTES) {
            boolean first = at % unitBytes == 0;
            byte[] source = first ? vectors : scratch;
            int from = first ? at / unitBytes * BLOCK_BYTES : at - BLOCK_BYTES;
            LONG.set(buffer, offset + at, (long) LONG.get(buffer, offset + at) ^ (long) LONG.get(source, from));
            LONG.set(
                    buffer,
                    offset + at + 8,
                    (long) LONG.get(buffer, offset + at + 8) ^ (long) LONG.get(source, from + 8));
        }
    }

    /**
     * One endless CBC stream serves all sectors: the stream's last block is XOR-ed into a sector's first one beside the
     * sector's own vector, where the cipher cancels it.
     */
    private void encryptCbc(long firstSector, byte[] buffer, int offset, int length) throws GeneralSecurityException {
        makeVectors(firstSector, length);
        Cipher cipher = cbcEncrypt;
        if (cipher == null) {
            cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(key, 0, spec.cipherKeyBytes(), "AES"),
                    new IvParameterSpec(new byte[BLOCK_BYTES]));
            cbcEncrypt = cipher;
        }
        for (int start = 0; start < length; start += unitBytes) {
            int size = Math.min(unitBytes, length - start);
            System.arraycopy(buffer, offset + start, scratch, 0, size);
            int vector = start / unitBytes * BLOCK_BYTES;
            for (int i = 0; i < BLOCK_BYTES; i++) {
                scratch[i] ^= (byte) (vectors[vector + i] ^ lastCiphertext[i]);
            }
            cipher.update(scratch, 0, size, buffer, offset + start);
            System.arraycopy(buffer, offset + start + size - BLOCK_BYTES, lastCiphertext, 0, BLOCK_BYTES);
        }
    }

    private void makeVectors(long firstSector, int length) throws GeneralSecurityException {
        int sectors = sectors(length);
        boolean essiv = spec.ivGenerator() == IvGenerator.ESSIV;
        byte[] plain = essiv ? cleanVectors : vectors;
        Arrays.fill(plain, 0, sectors * BLOCK_BYTES, (byte) 0);
        for (int i = 0; i < sectors; i++) {
            long number = firstSector + (long) i * (unitBytes / SECTOR_BYTES);
            LONG.set(plain, i * BLOCK_BYTES, spec.ivGenerator() == IvGenerator.PLAIN ? number & 0xffff_ffffL : number);
        }
        if (essiv) {
            Cipher cipher = essivEncrypt;
            if (cipher == null) {
                HashAlgorithm hash = spec.ivHash();
                if (hash == null) {
                    throw new IllegalStateException("ESSIV without a hash");
                }
                byte[] hashed = hash.newDigest().digest(key);
                cipher = aesEcb(Cipher.ENCRYPT_MODE, hashed, 0, hashed.length);
                essivEncrypt = cipher;
            }
            cipher.update(cleanVectors, 0, sectors * BLOCK_BYTES, vectors, 0);
        }
    }

    private int sectors(int length) {
        return (length + unitBytes - 1) / unitBytes;
    }

    private Cipher encryptor() throws GeneralSecurityException {
        Cipher cipher = ecbEncrypt;
        if (cipher == null) {
            cipher = aesEcb(Cipher.ENCRYPT_MODE, key, 0);
            ecbEncrypt = cipher;
        }
        return cipher;
    }

    private Cipher decryptor() throws GeneralSecurityException {
        Cipher cipher = ecbDecrypt;
        if (cipher == null) {
            cipher = aesEcb(Cipher.DECRYPT_MODE, key, 0);
            ecbDecrypt = cipher;
        }
        return cipher;
    }

    private Cipher aesEcb(int direction, byte[] keys, int offset) throws GeneralSecurityException {
        return aesEcb(direction, keys, offset, spec.cipherKeyBytes());
    }

    private static Cipher aesEcb(int direction, byte[] keys, int offset, int length) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(direction, new SecretKeySpec(keys, offset, length, "AES"));
        return cipher;
    }
}
