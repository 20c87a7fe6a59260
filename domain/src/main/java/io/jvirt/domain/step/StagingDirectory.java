// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory for files in the making, beside where they will be. Its name holds 96 random bits that are in the journal
 * before it exists: whatever is in it is jvirt's own.
 */
record StagingDirectory(Path path) {
    private static final String PREFIX = ".jvirt-";

    static StagingDirectory beside(Path file) {
        byte[] random = new byte[12];
        new SecureRandom().nextBytes(random);
        StringBuilder name = new StringBuilder(PREFIX);
        for (byte b : random) {
            name.append(Integer.toHexString(0x100 | (b & 0xff)).substring(1));
        }
        return new StagingDirectory(file.resolveSibling(name.toString()));
    }

    Path create() throws IOException {
        return Files.createDirectory(
                path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Removes it with its files, where it is there. */
    void delete() throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> found = Files.list(path)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(path);
    }
}
