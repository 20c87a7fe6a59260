// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.step.DiskFileStep;
import io.jvirt.storage.ImageFormat;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A disk of the original that each clone gets one of its own for.
 *
 * @param target its name in the guest ({@code vda}), by which it is found again in the clone's definition
 * @param allocatedBytes what a copy needs at most
 * @param volume where libvirt knows it as a volume, else null
 * @param place where the clones' disks go
 * @param content how they come from it; null where libvirt makes them
 * @param isBase the clones lie on top of it
 */
record SourceDisk(
        String target,
        String path,
        ImageFormat format,
        long sizeBytes,
        long allocatedBytes,
        @Nullable InPool volume,
        Place place,
        DiskFileStep.@Nullable Content content,
        boolean isBase) {

    /** A volume by its names. */
    record InPool(String pool, String volume) {}

    /** Where new disks go. */
    sealed interface Place {
        /** A directory of this machine. */
        record Directory(Path path, @Nullable String pool) implements Place {}

        /** A pool in which libvirt makes volumes. */
        record Volumes(String pool, String targetPath, boolean isDevices) implements Place {}
    }

    /** full, linked or reflink. */
    String modeName() {
        if (isBase) {
            return "linked";
        }
        return content == DiskFileStep.Content.REFLINK || content == DiskFileStep.Content.REFLINK_OR_FLATTEN
                ? "reflink"
                : "full";
    }
}
