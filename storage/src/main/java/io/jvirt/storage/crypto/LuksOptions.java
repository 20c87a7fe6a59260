// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * How a new LUKS volume encrypts; null means QEMU's default.
 *
 * @param cipherAlgorithm {@code cipher-alg}: aes-128, aes-192 or aes-256 (the default)
 * @param cipherMode {@code cipher-mode}: xts (the default), cbc or ecb
 * @param ivGenerator {@code ivgen-alg}: plain64 (the default), plain or essiv
 * @param ivHash {@code ivgen-hash-alg}: sha256 by default with essiv, else none
 * @param hash {@code hash-alg}: sha256 by default
 * @param iterationMilliseconds {@code iter-time}: how long this machine works to try a passphrase, 2000 by default
 */
public record LuksOptions(
        @Nullable String cipherAlgorithm,
        @Nullable String cipherMode,
        @Nullable String ivGenerator,
        @Nullable String ivHash,
        @Nullable String hash,
        @Nullable Long iterationMilliseconds) {
    static final long DEFAULT_ITERATION_MILLISECONDS = 2000;

    public static LuksOptions defaults() {
        return new LuksOptions(null, null, null, null, null, null);
    }

    SectorCipherSpec cipher() throws StorageException {
        String algorithm = cipherAlgorithm == null ? "aes-256" : cipherAlgorithm;
        int keyBytes = switch (algorithm) {
            case "aes-128" -> 16;
            case "aes-192" -> 24;
            case "aes-256" -> 32;
            default ->
                throw new StorageException(
                        "Algorithm '" + algorithm + "' not supported", "use aes-128, aes-192 or aes-256");
        };
        CipherMode mode = cipherMode == null ? CipherMode.XTS : SectorCipherSpec.mode(cipherMode);
        IvGenerator generator = ivGenerator == null ? IvGenerator.PLAIN64 : SectorCipherSpec.ivGenerator(ivGenerator);
        HashAlgorithm generatorHash = null;
        if (ivHash != null) {
            generatorHash = HashAlgorithm.ofId(ivHash);
        } else if (generator == IvGenerator.ESSIV) {
            generatorHash = HashAlgorithm.SHA256;
        }
        return SectorCipherSpec.of(mode, mode == CipherMode.XTS ? 2 * keyBytes : keyBytes, generator, generatorHash);
    }

    HashAlgorithm hashAlgorithm() throws StorageException {
        return hash == null ? HashAlgorithm.SHA256 : HashAlgorithm.ofId(hash);
    }

    long milliseconds() throws StorageException {
        return checkedMilliseconds(iterationMilliseconds);
    }

    static long checkedMilliseconds(@Nullable Long milliseconds) throws StorageException {
        long value = milliseconds == null ? DEFAULT_ITERATION_MILLISECONDS : milliseconds;
        if (value <= 0) {
            throw new StorageException("iter-time is zero", "give the milliseconds to spend, such as iter-time=2000");
        }
        return value;
    }
}
