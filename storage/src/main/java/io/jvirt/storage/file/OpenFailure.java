// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Why a file could not be opened, as qemu-img tells it. */
final class OpenFailure {
    private OpenFailure() {}

    /** Puts the operating system's reason in the words of strerror(3), as scripts know them. */
    static IOException of(Path path, IOException cause) {
        if (cause instanceof StorageException) {
            return cause;
        }
        String reason;
        if (cause instanceof NoSuchFileException) {
            reason = "No such file or directory";
        } else if (cause instanceof AccessDeniedException) {
            reason = "Permission denied";
        } else if (cause instanceof FileAlreadyExistsException) {
            reason = "File exists";
        } else {
            reason = reasonOf(path, cause);
        }
        return new StorageException("Could not open '" + path + "': " + reason, null, cause);
    }

    /** A FileNotFoundException reads {@code PATH (Permission denied)}; others carry the reason by itself. */
    private static String reasonOf(Path path, IOException cause) {
        String text = cause instanceof FileSystemException failure ? failure.getReason() : cause.getMessage();
        if (text == null) {
            return cause.getClass().getSimpleName();
        }
        String prefix = path + " (";
        return text.startsWith(prefix) && text.endsWith(")")
                ? text.substring(prefix.length(), text.length() - 1)
                : text;
    }
}
