// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** A hash that LUKS names. */
public enum HashAlgorithm {
    SHA1("SHA-1", 20, 64),
    SHA224("SHA-224", 28, 64),
    SHA256("SHA-256", 32, 64),
    SHA384("SHA-384", 48, 128),
    SHA512("SHA-512", 64, 128);

    private final String javaName;
    private final int digestBytes;
    private final int blockBytes;

    HashAlgorithm(String javaName, int digestBytes, int blockBytes) {
        this.javaName = javaName;
        this.digestBytes = digestBytes;
        this.blockBytes = blockBytes;
    }

    /** The name in a LUKS header and in QEMU's options, such as {@code sha256}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public int digestBytes() {
        return digestBytes;
    }

    /** The bytes that one step of the hash takes; HMAC pads its key to them. */
    int blockBytes() {
        return blockBytes;
    }

    MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance(javaName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks " + javaName, e);
        }
    }

    /** The hash with the given name. */
    public static HashAlgorithm ofId(String id) throws StorageException {
        for (HashAlgorithm hash : values()) {
            if (hash.id().equals(id)) {
                return hash;
            }
        }
        throw new StorageException("Hash algorithm '" + id + "' not supported");
    }
}
