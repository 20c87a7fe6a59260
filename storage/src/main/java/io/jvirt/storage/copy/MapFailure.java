// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.StorageException;
import java.io.IOException;

/** Of one of two images that are walked together it cannot be told where it has data; the message says why. */
public final class MapFailure extends StorageException {
    private static final long serialVersionUID = 1;

    private final boolean first;

    MapFailure(boolean first, IOException cause) {
        super(
                String.valueOf(cause.getMessage()),
                cause instanceof StorageException storage ? storage.hint() : null,
                cause);
        this.first = first;
    }

    /** Whether it is the first image. */
    public boolean isFirst() {
        return first;
    }
}
