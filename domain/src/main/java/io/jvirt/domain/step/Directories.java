// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Directories of new and removed files. */
final class Directories {
    private Directories() {}

    /** The directory of a file survives a power cut as it is now. */
    static void sync(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
                d.force(true);
            }
        }
    }
}
