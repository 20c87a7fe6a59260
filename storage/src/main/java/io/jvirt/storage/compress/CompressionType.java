// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The compression of a qcow2 image; the number is that of the header's field "compression type". */
public enum CompressionType {
    ZLIB(0),
    ZSTD(1);

    private final int code;

    CompressionType(int code) {
        this.code = code;
    }

    /** The header's value. */
    public int code() {
        return code;
    }

    /** The name as QEMU writes it: {@code zlib}, {@code zstd}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type that the header's value stands for, or null. */
    public static @Nullable CompressionType ofCode(int code) {
        return switch (code) {
            case 0 -> ZLIB;
            case 1 -> ZSTD;
            default -> null;
        };
    }

    /** A codec for one thread. */
    public ClusterCodec newCodec() {
        return this == ZLIB ? new ZlibCodec() : new ZstdCodec();
    }
}
