// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An image of a backing chain on this machine.
 *
 * @param backing the file below it as its header names it, or null
 */
record SourceImage(Path path, ImageFormat format, @Nullable String backing) {
    private static final int MAX_CHAIN = 200;

    /** The image and all below it, nearest first. */
    static List<SourceImage> chain(Path path, ImageFormat format) throws IOException {
        List<SourceImage> chain = new ArrayList<>();
        Path at = path;
        ImageFormat known = format;
        while (chain.size() < MAX_CHAIN) {
            if (known != ImageFormat.QCOW2) {
                chain.add(new SourceImage(at, known, null));
                return chain;
            }
            try (HostFile file = HostFile.open(at, true)) {
                Header header = HeaderReader.read(file);
                if (header.features().hasDataFile()) {
                    throw new StorageException(
                            "'" + at + "' keeps its data in another file (" + header.dataFile()
                                    + "), which cannot be moved yet",
                            "convert it to one file: jvirt disk convert");
                }
                String backing = header.backingFile();
                chain.add(new SourceImage(at, known, backing));
                if (backing == null) {
                    return chain;
                }
                Path next = FileName.resolve(at, backing);
                String stated = header.backingFormat();
                if (stated == null) {
                    throw new StorageException(
                            "'" + at + "' does not say which format its backing file " + backing + " has",
                            "jvirt disk rebase -u -F qcow2 -b " + backing + " " + at);
                }
                known = format(stated);
                at = next;
            }
        }
        throw new StorageException("The backing chain of '" + path + "' is longer than " + MAX_CHAIN + " images");
    }

    static ImageFormat format(String name) throws StorageException {
        for (ImageFormat format : ImageFormat.values()) {
            if (format.id().equals(name.toLowerCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new StorageException("images of format " + name + " cannot be moved", "convert it: jvirt disk convert");
    }
}
