// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 of large blocks; for one thread. Computed by the system's libcrypto where there is one: at full speed from the first
 * block on, where Java's own takes ten times as long until the last compiler has come to it, and always with the first compiler
 * alone.
 */
public final class Sha256 {
    public static final int HASH_BYTES = 32;

    private static final boolean IS_NATIVE = LibCrypto.load();

    private final MessageDigest digest;
    private final @Nullable Memory context = IS_NATIVE ? new Memory(LibCrypto.CONTEXT_BYTES) : null;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Of {@code length} bytes from {@code from} on; the buffer's position and limit are left alone. */
    public byte[] hash(ByteBuffer data, int from, int length) {
        ByteBuffer block = data.slice(from, length);
        Memory memory = context;
        if (memory == null || !block.isDirect()) {
            digest.update(block);
            return digest.digest();
        }
        byte[] hash = new byte[HASH_BYTES];
        LibCrypto.SHA256_Init(memory);
        LibCrypto.SHA256_Update(memory, block, length);
        LibCrypto.SHA256_Final(hash, memory);
        return hash;
    }
}
