// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The pools' names, in bounded time: libvirt looks at each pool for its list, and waits for one that hangs. The names then come
 * from the files of this machine's libvirt, {@code NAME.xml} for each that is persistent or active.
 *
 * @param names sorted; empty also where they are not to be had
 * @param hangs libvirt did not answer
 */
public record PoolNames(List<String> names, boolean hangs) {
    private static final List<Path> DIRECTORIES =
            List.of(Path.of("/etc/libvirt/storage"), Path.of("/run/libvirt/storage"));

    public static PoolNames of(Host host, Duration limit) {
        List<String> names = Bounded.call("pool-names", limit, () -> listed(host), late -> {});
        if (names != null) {
            return new PoolNames(names, false);
        }
        host.leaveOpen();
        return new PoolNames(fromFiles(host.uri()), true);
    }

    private static List<String> listed(Host host) {
        List<String> names = new ArrayList<>();
        for (Pool pool : Pool.list(host)) {
            try (pool) {
                names.add(pool.name());
            }
        }
        return names;
    }

    /** Empty where they are not to be had: another host's, a user's own, or no permission. */
    public static List<String> fromFiles(String uri) {
        return uri.equals("qemu:///system") ? in(DIRECTORIES) : List.of();
    }

    public static List<String> in(List<Path> directories) {
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
