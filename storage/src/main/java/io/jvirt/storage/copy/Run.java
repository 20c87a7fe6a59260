// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import org.jspecify.annotations.Nullable;

/**
 * A run of guest bytes that a copy must deal with.
 *
 * @param ticket its place in the order of all runs, from 0
 * @param guestOffset first byte; a multiple of the target's block size
 * @param lengthBytes a multiple of the block size, but at the end of the disk
 * @param zero true where the source says that it reads as zeros, so that it need not be read
 * @param stored where the target can share the run's bytes from, so that it need not be read; null where it cannot
 */
record Run(
        long ticket,
        long guestOffset,
        long lengthBytes,
        boolean zero,
        @Nullable StoredRange stored) {
    long endOffset() {
        return guestOffset + lengthBytes;
    }
}
