// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.reference.DataFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A disk or drive of a machine. Sizes are null where nobody could tell them; {@code problem} says why.
 *
 * @param target what the guest's definition calls it: {@code vda}
 * @param device disk, cdrom, floppy or lun
 * @param source file, device, volume or URL; null for an empty drive
 * @param virtualSizeBytes what the guest sees
 * @param apparentSizeBytes the file's length
 * @param allocatedBytes what the host has set aside
 * @param dataFile where the guest's bytes lie, if not in the image; the sizes above leave it out
 * @param backingChain the images that it is based on, the nearest first
 */
public record DiskDetails(
        String target,
        String device,
        @Nullable String bus,
        @Nullable String source,
        @Nullable String format,
        @Nullable Long virtualSizeBytes,
        @Nullable Long apparentSizeBytes,
        @Nullable Long allocatedBytes,
        @Nullable DataFile dataFile,
        List<String> backingChain,
        @Nullable String problem) {}
