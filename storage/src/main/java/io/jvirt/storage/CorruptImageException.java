// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

/**
 * An image's structures contradict the format or each other. The message is the short one that scripts know; the detail
 * (also the hint) names file, structure, offset, what was expected and what was found.
 */
public final class CorruptImageException extends StorageException {
    private static final long serialVersionUID = 1;

    public CorruptImageException(
            String message, String file, String structure, long hostOffset, String expected, String found) {
        super(
                message,
                file + ": " + structure + " at offset " + hostOffset + ": expected " + expected + ", found " + found);
    }
}
