// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Which cipher turns the sectors of a volume into ciphertext. The block cipher is AES.
 *
 * @param mode the mode
 * @param keyBytes length of the whole key; XTS needs twice a cipher's key
 * @param ivGenerator the initial vector's source
 * @param ivHash the hash of ESSIV; null with the other generators
 */
public record SectorCipherSpec(
        CipherMode mode,
        int keyBytes,
        IvGenerator ivGenerator,
        @Nullable HashAlgorithm ivHash) {
    /** AES-CBC with a 128-bit key, as the first qcow2 encryption has it. */
    static final SectorCipherSpec LEGACY_AES = new SectorCipherSpec(CipherMode.CBC, 16, IvGenerator.PLAIN64, null);

    /** Checks that such a cipher exists. */
    public static SectorCipherSpec of(
            CipherMode mode, int keyBytes, IvGenerator ivGenerator, @Nullable HashAlgorithm ivHash)
            throws StorageException {
        SectorCipherSpec spec = new SectorCipherSpec(mode, keyBytes, ivGenerator, ivHash);
        if (keyBytes % spec.keyCount() != 0 || !isAesKey(keyBytes / spec.keyCount())) {
            throw new StorageException(
                    "Algorithm 'aes' with key size " + keyBytes / spec.keyCount() + " bytes not supported");
        }
        if (ivGenerator == IvGenerator.ESSIV) {
            if (ivHash == null) {
                throw new StorageException("Missing IV generator hash specification");
            }
            if (!isAesKey(ivHash.digestBytes())) {
                throw new StorageException("No AES cipher with key size " + ivHash.digestBytes() + " available");
            }
        }
        return spec;
    }

    private static boolean isAesKey(int bytes) {
        return bytes == 16 || bytes == 24 || bytes == 32;
    }

    private int keyCount() {
        return mode == CipherMode.XTS ? 2 : 1;
    }

    /** Length of one cipher's key. */
    public int cipherKeyBytes() {
        return keyBytes / keyCount();
    }

    /** QEMU's name of the cipher: {@code aes-256}. */
    public String algorithmId() {
        return "aes-" + cipherKeyBytes() * 8;
    }

    /** The mode as a LUKS header has it: {@code xts-plain64}, {@code cbc-essiv:sha256}. */
    public String modeId() {
        String id = mode.id() + "-" + ivGenerator.id();
        return ivHash == null ? id : id + ":" + ivHash.id();
    }

    /** Reads what {@link #modeId()} writes. A hash beside a generator that needs none is ignored, as dm-crypt does. */
    public static SectorCipherSpec ofModeId(String modeId, int keyBytes) throws StorageException {
        int dash = modeId.indexOf('-');
        if (dash < 0) {
            throw new StorageException("Unexpected cipher mode string format '" + modeId + "'");
        }
        int colon = modeId.indexOf(':', dash);
        IvGenerator generator = ivGenerator(modeId.substring(dash + 1, colon < 0 ? modeId.length() : colon));
        boolean hashed = generator == IvGenerator.ESSIV && colon >= 0;
        return of(
                mode(modeId.substring(0, dash)),
                keyBytes,
                generator,
                hashed ? HashAlgorithm.ofId(modeId.substring(colon + 1)) : null);
    }

    /** The mode with QEMU's name. */
    public static CipherMode mode(String id) throws StorageException {
        for (CipherMode mode : CipherMode.values()) {
            if (mode.id().equals(id)) {
                return mode;
            }
        }
        throw new StorageException("Cipher mode '" + id + "' not supported");
    }

    /** The generator with QEMU's name. */
    public static IvGenerator ivGenerator(String id) throws StorageException {
        for (IvGenerator generator : IvGenerator.values()) {
            if (generator.id().equals(id)) {
                return generator;
            }
        }
        throw new StorageException("IV generator '" + id + "' not supported");
    }
}
