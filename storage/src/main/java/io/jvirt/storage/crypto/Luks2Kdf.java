// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.JsonTree.Literal;
import io.jvirt.storage.StorageException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/**
 * How a key slot of a LUKS2 header makes a key of a passphrase (LUKS2 on-disk format specification, 3.2.2).
 *
 * @param type {@code pbkdf2}, {@code argon2id} or {@code argon2i}
 * @param hash of PBKDF2; null with Argon2
 * @param passes iterations of PBKDF2, passes of Argon2
 * @param memoryKibibytes of Argon2
 * @param lanes of Argon2
 */
@SuppressWarnings("ArrayRecordComponent")
record Luks2Kdf(String type, @Nullable HashAlgorithm hash, int passes, int memoryKibibytes, int lanes, byte[] salt) {
    /** What cryptsetup itself takes at most by default. */
    private static final long MAX_MEMORY_KIBIBYTES = 1 << 20;

    /** Passes over the memory times its size: some ten seconds' work. */
    private static final long MAX_WORK_KIBIBYTES = 64L << 20;

    /** The fewest passes that cryptsetup makes. */
    private static final int MIN_PASSES = 4;

    private static final int SALT_BYTES = 32;

    /** Reads and bounds what a header says; {@code kdf} is the object's name with its dot. */
    static Luks2Kdf read(Luks2Header header, String kdf) throws StorageException {
        byte[] salt = bytes(header, kdf + "salt");
        String type = header.text(kdf + "type");
        if (type.equals("pbkdf2")) {
            HashAlgorithm hash = HashAlgorithm.ofId(header.text(kdf + "hash"));
            return new Luks2Kdf(type, hash, iterations(header, kdf), 0, 0, salt);
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
        return new Luks2Kdf(type, null, (int) time, (int) memory, (int) lanes, salt);
    }

    static int iterations(Luks2Header header, String object) throws StorageException {
        long iterations = header.number(object + "iterations");
        if (iterations < 1 || iterations > LuksVolume.MAX_ITERATIONS) {
            throw new StorageException("the LUKS2 header asks for " + iterations + " PBKDF2 iterations, more than "
                    + LuksVolume.MAX_ITERATIONS);
        }
        return (int) iterations;
    }

    static byte[] bytes(Luks2Header header, String key) throws StorageException {
        try {
            return Base64.getDecoder().decode(header.text(key));
        } catch (IllegalArgumentException e) {
            throw Luks2Header.damaged("'" + key + "' is no base64 text");
        }
    }

    byte[] derive(byte[] secret, int keyBytes) {
        if (hash != null) {
            return Pbkdf2.derive(hash, secret, salt, passes, keyBytes);
        }
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(
                        type.equals("argon2i") ? Argon2Parameters.ARGON2_i : Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(salt)
                .withIterations(passes)
                .withMemoryAsKB(memoryKibibytes)
                .withParallelism(lanes)
                .build());
        byte[] key = new byte[keyBytes];
        generator.generateBytes(secret, key);
        return key;
    }

    /** The same with another salt; with a time, as many passes as this machine makes in it. */
    Luks2Kdf renewed(int keyBytes, @Nullable Long milliseconds) throws StorageException {
        byte[] fresh = LuksVolume.randomBytes(new SecureRandom(), SALT_BYTES);
        if (milliseconds == null) {
            return new Luks2Kdf(type, hash, passes, memoryKibibytes, lanes, fresh);
        }
        long time = LuksOptions.checkedMilliseconds(milliseconds);
        if (hash != null) {
            int iterations = (int) LuksVolume.iterations(hash, keyBytes, time, 1);
            return new Luks2Kdf(type, hash, iterations, 0, 0, fresh);
        }
        long start = System.nanoTime();
        new Luks2Kdf(type, null, 1, memoryKibibytes, lanes, fresh).derive(fresh, keyBytes);
        long possible = time * 1_000_000 / Math.max(1, System.nanoTime() - start);
        long most = Math.max(1, MAX_WORK_KIBIBYTES / memoryKibibytes);
        int wanted = (int) Math.min(most, Math.max(MIN_PASSES, possible));
        return new Luks2Kdf(type, null, wanted, memoryKibibytes, lanes, fresh);
    }

    /** As a header has it. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("type", type);
        if (hash != null) {
            tree.put("hash", hash.id());
            tree.put("iterations", number(passes));
        } else {
            tree.put("time", number(passes));
            tree.put("memory", number(memoryKibibytes));
            tree.put("cpus", number(lanes));
        }
        tree.put("salt", Base64.getEncoder().encodeToString(salt));
        return tree;
    }

    static Literal number(long value) {
        return new Literal(Long.toString(value));
    }
}
