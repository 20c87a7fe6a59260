// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import io.jvirt.storage.StorageException;

/** A store ended before what was to be read. */
public final class ShortReadException extends StorageException {
    private static final long serialVersionUID = 1;

    public ShortReadException(String file, long hostOffset, int wanted, int got) {
        super("Could not read '" + file + "': " + wanted + " bytes expected at offset " + hostOffset + ", found "
                + got);
    }
}
