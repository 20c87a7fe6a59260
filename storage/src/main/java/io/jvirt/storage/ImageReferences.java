// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files that an image's header names. Only the header is read, at most one cluster of it, and nothing that it names is
 * opened, so it is fit for images that nobody vouches for.
 *
 * @param backingFile the image below it, or null; not looked at, so it may not exist
 * @param backingFormat what the header says that image's format is, or null
 * @param dataFile where its guest data lies, or null for the image itself
 */
public record ImageReferences(
        @Nullable Path backingFile,
        @Nullable String backingFormat,
        @Nullable Path dataFile) {
    private static final ImageReferences NONE = new ImageReferences(null, null, null);

    /**
     * Reads an image's header; what is no qcow2 image names nothing.
     *
     * @throws IOException the file cannot be read (pipes and character devices are not even opened), its header is damaged,
     *     or it names a file in a way that stands for none of this machine ({@code nbd:…})
     */
    public static ImageReferences read(Path image) throws IOException {
        return read(image, image);
    }

    /**
     * Reads the header of an image that was moved.
     *
     * @param origin where it was: what it names is relative to that
     */
    public static ImageReferences read(Path image, Path origin) throws IOException {
        try (HostFile file = HostFile.open(image, true)) {
            if (DiskImages.probe(file) != ImageFormat.QCOW2) {
                return NONE;
            }
            Header header = HeaderReader.read(file);
            return new ImageReferences(
                    resolve(origin, header.backingFile()), header.backingFormat(), resolve(origin, header.dataFile()));
        }
    }

    private static @Nullable Path resolve(Path image, @Nullable String stored) throws IOException {
        return stored == null || stored.isEmpty() ? null : FileName.resolve(image, stored);
    }
}
