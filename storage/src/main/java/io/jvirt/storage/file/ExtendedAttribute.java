// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Extended attributes of files, in each namespace: Java's own view of them knows {@code user.} alone. */
public final class ExtendedAttribute {
    private static final int MAX_BYTES = 4096;

    private ExtendedAttribute() {}

    /** The attribute's text without the NUL that may end it; null where the file has none, or nobody can tell. */
    public static @Nullable String text(Path file, String name) {
        byte[] value = new byte[MAX_BYTES];
        try {
            int length = (int) LibC.getxattr(file.toString(), name, value, value.length);
            while (length > 0 && value[length - 1] == 0) {
                length--;
            }
            return new String(value, 0, length, StandardCharsets.UTF_8);
        } catch (LastErrorException e) {
            return null;
        }
    }
}
