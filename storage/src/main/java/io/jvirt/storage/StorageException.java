// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An image or file could not be used. The message names the file and the reason; the hint names the next command. */
public class StorageException extends IOException {
    private static final long serialVersionUID = 1;

    private final @Nullable String hint;

    public StorageException(String message) {
        this(message, null, null);
    }

    public StorageException(String message, @Nullable String hint) {
        this(message, hint, null);
    }

    public StorageException(String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What the user can do next, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
