// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.journal.Step;
import io.jvirt.storage.ImageFormat;
import org.jspecify.annotations.Nullable;

/**
 * A disk of the new machine.
 *
 * @param path file or device
 * @param sizeBytes what the guest sees
 * @param pool null where it is in none
 * @param isBlock a device instead of a file
 * @param bus how the guest reaches it
 * @param cache null for QEMU's default
 * @param step makes it; null for a disk that is there already
 */
record PlannedDisk(
        String path,
        ImageFormat format,
        long sizeBytes,
        @Nullable String pool,
        boolean isBlock,
        String bus,
        @Nullable String cache,
        @Nullable Step step) {}
