// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.storage.file.HostFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The external data file of a qcow2 image, where its guest's bytes lie.
 *
 * @param allocatedBytes what the host has set aside for it; null where it cannot be opened
 */
public record DataFile(String path, @Nullable Long allocatedBytes) {
    /**
     * Of a disk's image; none where it holds the bytes itself, or is not this machine's.
     *
     * @param image its file or device, or null
     * @param format the format that the definition says it has, or null
     */
    public static Optional<DataFile> of(Host host, @Nullable String image, @Nullable String format) {
        if (image == null || "raw".equals(format) || host.isRemote()) {
            return Optional.empty();
        }
        for (ImageLink link : new ImageHeaders(new ArrayList<>()).links(image, image)) {
            if (link.kind() == ImageLink.Kind.DATA) {
                return Optional.of(new DataFile(link.file(), allocatedBytes(Path.of(link.file()))));
            }
        }
        return Optional.empty();
    }

    private static @Nullable Long allocatedBytes(Path file) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try (HostFile opened = HostFile.open(file, true)) {
            return opened.allocatedBytes();
        } catch (IOException e) {
            return null;
        }
    }
}
