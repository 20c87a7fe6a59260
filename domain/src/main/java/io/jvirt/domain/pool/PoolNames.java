// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The pools' names from the files of this machine's libvirt: {@code NAME.xml} of each that is persistent or active. */
final class PoolNames {
    private static final List<Path> DIRECTORIES =
            List.of(Path.of("/etc/libvirt/storage"), Path.of("/run/libvirt/storage"));

    private PoolNames() {}

    /** Empty where they are not to be had: another host's, a user's own, or no permission. */
    static List<String> fromFiles(String uri) {
        return uri.equals("qemu:///system") ? in(DIRECTORIES) : List.of();
    }

    static List<String> in(List<Path> directories) {
        TreeSet<String> names = new TreeSet<>();
        for (Path directory : directories) {
            if (!Files.isReadable(directory)) {
                continue;
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.xml")) {
                for (Path file : files) {
                    String name = String.valueOf(file.getFileName());
                    names.add(name.substring(0, name.length() - ".xml".length()));
                }
            } catch (IOException e) {
                // Whoever cannot read them asks libvirt alone.
                return List.of();
            }
        }
        return new ArrayList<>(names);
    }
}
