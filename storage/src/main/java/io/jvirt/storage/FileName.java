// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.nio.file.Path;

/** Names of other files as images store them: a path, perhaps with {@code file:} before it, relative to the image's directory. */
public final class FileName {
    private FileName() {}

    /** Whether the text starts with a protocol ({@code nbd:}, {@code https://}) or is a {@code json:} description. */
    public static boolean hasProtocol(String name) {
        int colon = name.indexOf(':');
        int slash = name.indexOf('/');
        return colon > 0 && (slash < 0 || colon < slash);
    }

    /** The name as seen from the current directory, in QEMU's way: the image's directory put before a relative name. */
    public static String full(String image, String name) {
        if (hasProtocol(name) || name.startsWith("/")) {
            return name;
        }
        int slash = image.lastIndexOf('/');
        return image.substring(0, slash + 1) + name;
    }

    /** The path that an image means by a name it stores. */
    public static Path resolve(Path image, String name) throws StorageException {
        String plain = name;
        if (plain.startsWith("file:")) {
            plain = plain.substring("file:".length());
        } else if (plain.startsWith("json:")) {
            plain = JsonName.fileOf(plain);
        } else if (hasProtocol(plain)) {
            throw new StorageException(
                    "Unknown protocol '" + plain.substring(0, plain.indexOf(':')) + "'",
                    "'" + image + "' names '" + name + "'; copy that to a file and rebase the image");
        }
        if (plain.isEmpty() || plain.indexOf('\0') >= 0) {
            throw new StorageException("'" + image + "' names a file without a name");
        }
        return Path.of(full(image.toString(), plain));
    }
}
