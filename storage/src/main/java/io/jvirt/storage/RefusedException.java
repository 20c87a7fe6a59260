// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import org.jspecify.annotations.Nullable;

/** Something was not done because a policy or a safety rule forbids it. */
public final class RefusedException extends StorageException {
    private static final long serialVersionUID = 1;

    public RefusedException(String message, @Nullable String hint) {
        super(message, hint);
    }
}
