// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * PBKDF2 with HMAC (RFC 8018, 5.2) for keys of arbitrary bytes, which {@code javax.crypto} takes as characters only. The
 * padded key is hashed once and its state copied, which halves the work of each iteration.
 */
final class Pbkdf2 {
    /** The same least number of iterations that QEMU uses. */
    static final int MIN_ITERATIONS = 1000;

    private static final int TRIAL_ITERATIONS = 1 << 14;
    private static final long TRIAL_NANOS = 50_000_000;

    private Pbkdf2() {}

    static byte[] derive(HashAlgorithm hash, byte[] secret, byte[] salt, int iterations, int keyBytes) {
        int blocks = (keyBytes + hash.digestBytes() - 1) / hash.digestBytes();
        byte[] padded = new byte[hash.blockBytes()];
        byte[] key = secret.length > padded.length ? hash.newDigest().digest(secret) : secret;
        System.arraycopy(key, 0, padded, 0, key.length);
        MessageDigest inner = keyed(hash, padded, 0x36);
        MessageDigest outer = keyed(hash, padded, 0x5c);
        Arrays.fill(padded, (byte) 0);
        byte[] result = new byte[blocks * hash.digestBytes()];
        // Blocks do not depend on each other: the usual 64-byte key of AES-256-XTS takes two of SHA-256.
        IntStream range = IntStream.range(0, blocks);
        (blocks > 1 ? range.parallel() : range)
                .forEach(block -> deriveBlock(hash, inner, outer, salt, iterations, block, result));
        byte[] derived = Arrays.copyOf(result, keyBytes);
        Arrays.fill(result, (byte) 0);
        return derived;
    }

    /** How many iterations of a one-block derivation this machine makes in the given time of one processor. */
    static long iterationsIn(HashAlgorithm hash, int keyBytes, long milliseconds) {
        byte[] secret = new byte[8];
        byte[] salt = new byte[32];
        int measuredBytes = Math.min(keyBytes, hash.digestBytes());
        int iterations = TRIAL_ITERATIONS;
        long nanos;
        // The first rounds run before the code is compiled; the time limit makes them count for little.
        while (true) {
            long start = System.nanoTime();
            derive(hash, secret, salt, iterations, measuredBytes);
            nanos = System.nanoTime() - start;
            if (nanos >= TRIAL_NANOS || iterations >= 1 << 28) {
                break;
            }
            iterations *= 2;
        }
        return (long) ((double) iterations * milliseconds * 1_000_000 / Math.max(nanos, 1));
    }

    private static MessageDigest keyed(HashAlgorithm hash, byte[] padded, int mask) {
        byte[] masked = new byte[padded.length];
        for (int i = 0; i < padded.length; i++) {
            masked[i] = (byte) (padded[i] ^ mask);
        }
        MessageDigest digest = hash.newDigest();
        digest.update(masked);
        return digest;
    }

    private static void deriveBlock(
            HashAlgorithm hash,
            MessageDigest inner,
            MessageDigest outer,
            byte[] salt,
            int iterations,
            int block,
            byte[] result) {
        int length = hash.digestBytes();
        byte[] u = new byte[length];
        byte[] sum = new byte[length];
        int number = block + 1;
        try {
            MessageDigest first = (MessageDigest) inner.clone();
            first.update(salt);
            first.update(
                    new byte[] {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number});
            first.digest(u, 0, length);
            outerDigest(outer, u);
            System.arraycopy(u, 0, sum, 0, length);
            for (int i = 1; i < iterations; i++) {
                MessageDigest digest = (MessageDigest) inner.clone();
                digest.update(u);
                digest.digest(u, 0, length);
                outerDigest(outer, u);
                for (int j = 0; j < length; j++) {
                    sum[j] ^= u[j];
                }
            }
        } catch (DigestException | CloneNotSupportedException e) {
            throw new IllegalStateException("the hash of this Java runtime cannot be copied", e);
        }
        System.arraycopy(sum, 0, result, block * length, length);
    }

    private static void outerDigest(MessageDigest outer, byte[] u) throws DigestException, CloneNotSupportedException {
        MessageDigest digest = (MessageDigest) outer.clone();
        digest.update(u);
        digest.digest(u, 0, u.length);
    }
}
