// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** Tells whether a file may have changed since it was looked at. */
public final class Fingerprint {
    private Fingerprint() {}

    public static String of(Path file) throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino") + ":"
                + Files.size(file) + ":" + modified.toInstant();
    }
}
