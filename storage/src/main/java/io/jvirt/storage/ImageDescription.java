// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import io.jvirt.storage.qcow2.Qcow2Description;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an image's own metadata says of it; nothing else is opened for it.
 *
 * @param file the image as it was named
 * @param format its format
 * @param virtualSizeBytes what the guest sees
 * @param apparentSizeBytes the file's length, what {@code ls} says
 * @param allocatedBytes what the host has set aside for it, what {@code du} says
 * @param qcow2 what only qcow2 has, or null
 */
public record ImageDescription(
        Path file,
        ImageFormat format,
        long virtualSizeBytes,
        long apparentSizeBytes,
        long allocatedBytes,
        @Nullable Qcow2Description qcow2) {}
