// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * LUKS's anti-forensic splitter: spreads a key over many stripes, each of which is needed to get it back, so that
 * wiping any one of them destroys the key (LUKS on-disk format, 2.4).
 */
final class AntiForensicSplitter {
    private AntiForensicSplitter() {}

    static byte[] split(HashAlgorithm hash, byte[] key, int stripes, SecureRandom random) {
        byte[] material = new byte[key.length * stripes];
        byte[] all = new byte[material.length - key.length];
        random.nextBytes(all);
        System.arraycopy(all, 0, material, 0, all.length);
        byte[] block = diffusedStripes(hash, material, key.length, stripes);
        int last = all.length;
        for (int i = 0; i < key.length; i++) {
            material[last + i] = (byte) (block[i] ^ key[i]);
        }
        Arrays.fill(block, (byte) 0);
        return material;
    }

    static byte[] merge(HashAlgorithm hash, byte[] material, int keyBytes, int stripes) {
        byte[] key = diffusedStripes(hash, material, keyBytes, stripes);
        int last = keyBytes * (stripes - 1);
        for (int i = 0; i < keyBytes; i++) {
            key[i] ^= material[last + i];
        }
        return key;
    }

    /** Folds all stripes but the last one, with a diffusion after each. */
    private static byte[] diffusedStripes(HashAlgorithm hash, byte[] material, int keyBytes, int stripes) {
        MessageDigest digest = hash.newDigest();
        byte[] block = new byte[keyBytes];
        byte[] hashed = new byte[hash.digestBytes()];
        byte[] index = new byte[4];
        for (int stripe = 0; stripe < stripes - 1; stripe++) {
            for (int i = 0; i < keyBytes; i++) {
                block[i] ^= material[stripe * keyBytes + i];
            }
            diffuse(digest, block, hashed, index);
        }
        return block;
    }

    /** Replaces each digest-sized piece by the hash of its big-endian number and itself. */
    private static void diffuse(MessageDigest digest, byte[] block, byte[] hashed, byte[] index) {
        for (int start = 0, number = 0; start < block.length; start += hashed.length, number++) {
            int length = Math.min(hashed.length, block.length - start);
            index[0] = (byte) (number >>> 24);
            index[1] = (byte) (number >>> 16);
            index[2] = (byte) (number >>> 8);
            index[3] = (byte) number;
            digest.update(index);
            digest.update(block, start, length);
            try {
                digest.digest(hashed, 0, hashed.length);
            } catch (DigestException e) {
                throw new IllegalStateException(e);
            }
            System.arraycopy(hashed, 0, block, start, length);
        }
    }
}
