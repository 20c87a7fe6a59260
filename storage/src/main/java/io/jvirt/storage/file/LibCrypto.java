// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * OpenSSL's functions for SHA-256 (SHA256_Init(3ssl)), which keep no state but their context. ssh needs the library, so it is on
 * nearly every host.
 */
final class LibCrypto {
    /** {@code SHA256_CTX} takes 112 bytes. */
    static final int CONTEXT_BYTES = 128;

    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");

    private LibCrypto() {}

    /** Maps the functions; false where there is no such library. */
    static boolean load() {
        for (String name : NAMES) {
            try {
                Native.register(LibCrypto.class, NativeLibrary.getInstance(name, Map.of()));
                return true;
            } catch (UnsatisfiedLinkError e) {
                // The next name.
            }
        }
        return false;
    }

    static native int SHA256_Init(Pointer context);

    static native int SHA256_Update(Pointer context, ByteBuffer data, long length);

    static native int SHA256_Final(byte[] hash, Pointer context);
}
