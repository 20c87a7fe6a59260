// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import org.jspecify.annotations.Nullable;

/**
 * A run of guest-visible bytes that are stored in one way.
 *
 * @param guestOffset first byte, in the guest's address space
 * @param lengthBytes length, at least 1
 * @param kind how the run is stored
 * @param depth 0 for the image itself, 1 for its backing file, and so on
 * @param hostOffset where {@code file} holds the first byte, or -1 where there is no such place
 *     (zeros, compressed or unallocated clusters)
 * @param file the file that holds the data, or null
 */
public record Extent(
        long guestOffset,
        long lengthBytes,
        Kind kind,
        int depth,
        long hostOffset,
        @Nullable String file) {

    /** How a run of bytes is stored. */
    public enum Kind {
        /** Stored as it is. */
        DATA,
        /** Has its place in the file, which is a hole there: set aside and never written, so it reads as zeros. */
        HOLE,
        /** The same in an image that was not preallocated, where QEMU does not look for holes: it tells them as data. */
        SPARSE,
        /** Stored compressed. */
        COMPRESSED,
        /** Reads as zeros and the image says so; may have a host offset (a preallocated zero cluster). */
        ZERO,
        /** An NBD server says that it stores nothing there, but not that it reads as zeros. */
        ABSENT,
        /** Not present in the image nor in its backing chain: reads as zeros. */
        UNALLOCATED;

        public boolean readsAsZero() {
            return this == ZERO || this == UNALLOCATED || this == HOLE || this == SPARSE;
        }
    }

    public long endOffset() {
        return guestOffset + lengthBytes;
    }
}
