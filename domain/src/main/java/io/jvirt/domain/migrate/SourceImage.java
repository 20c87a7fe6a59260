// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An image of a backing chain on this machine.
 *
 * @param backing the file below it as its header names it, or null
 * @param dataFile the file that has its data as its header names it, or null where that is itself
 */
record SourceImage(
        Path path,
        ImageFormat format,
        @Nullable String backing,
        @Nullable String dataFile) {
    private static final int MAX_CHAIN = 200;

    /** The image and all below it, nearest first. */
    static List<SourceImage> chain(Path path, ImageFormat format) throws IOException {
        List<SourceImage> chain = new ArrayList<>();
        Path at = path;
        ImageFormat known = format;
        while (chain.size() < MAX_CHAIN) {
            if (known != ImageFormat.QCOW2) {
                chain.add(new SourceImage(at, known, null, null));
                return chain;
            }
            try (HostFile file = HostFile.open(at, true)) {
                Header header = HeaderReader.read(file);
                String dataFile = header.features().hasDataFile() ? header.dataFile() : null;
                if (header.features().hasDataFile() && dataFile == null) {
                    throw new StorageException(
                            "'" + at + "' keeps its data in another file and does not say in which",
                            "convert it to one file: jvirt disk convert --image-opts driver=qcow2,file.filename=" + at
                                    + ",data-file.filename=DATA -O qcow2 whole.qcow2");
                }
                String backing = header.backingFile();
                chain.add(new SourceImage(at, known, backing, dataFile));
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

    /** The file that has its data, where that is another one. */
    @Nullable
    SourceImage data() throws StorageException {
        return dataFile == null ? null : new SourceImage(FileName.resolve(path, dataFile), ImageFormat.RAW, null, null);
    }

    /** All files that make up what a guest sees, but for the first image itself. */
    static List<Path> below(List<SourceImage> chain) throws StorageException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            if (i > 0) {
                files.add(chain.get(i).path());
            }
            SourceImage data = chain.get(i).data();
            if (data != null) {
                files.add(data.path());
            }
        }
        return files;
    }

    static ImageFormat format(String name) throws StorageException {
        for (ImageFormat format : ImageFormat.values()) {
            if (format.id().equals(name.toLowerCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new StorageException(
                "images of format " + name + " cannot be moved", "qemu-img convert makes a qcow2 image of it");
    }

    Path absolutePath() {
        return path.toAbsolutePath().normalize();
    }

    String fileName() {
        return String.valueOf(path.getFileName());
    }

    boolean isDevice() {
        return !Files.isRegularFile(path);
    }
}
