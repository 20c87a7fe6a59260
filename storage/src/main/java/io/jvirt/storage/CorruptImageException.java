// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import org.jspecify.annotations.Nullable;

/**
 * An image's structures contradict the format or each other. The message is the short one that scripts know; the detail
 * (also the hint) names file, structure, offset, what was expected and what was found.
 */
public final class CorruptImageException extends StorageException {
    private static final long serialVersionUID = 1;

    private @Nullable String event;
    private long guestOffset = -1;

    public CorruptImageException(
            String message, String file, String structure, long hostOffset, String expected, String found) {
        super(
                message,
                file + ": " + structure + " at offset " + hostOffset + ": expected " + expected + ", found " + found);
    }

    /** Says that QEMU tells this as an event of the image, in these words, on a line of its own. */
    public CorruptImageException asEvent(String line) {
        event = line;
        return this;
    }

    /** Says for which guest offset the structure was looked at. */
    public CorruptImageException at(long offset) {
        guestOffset = offset;
        return this;
    }

    /** The guest offset that was looked for, or -1. */
    public long guestOffset() {
        return guestOffset;
    }

    /** The event behind a failure, or null: what could not be done failed with an input/output error then. */
    public static @Nullable String eventBehind(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CorruptImageException corrupt && corrupt.event != null) {
                return corrupt.event;
            }
        }
        return null;
    }

    /** The reason to give for a failure after the event, if there is one, was told. */
    public static String reason(Throwable failure) {
        return eventBehind(failure) == null ? String.valueOf(failure.getMessage()) : "Input/output error";
    }
}
