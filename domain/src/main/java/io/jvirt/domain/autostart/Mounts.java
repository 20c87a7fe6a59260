// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is mounted on this machine. */
final class Mounts {
    private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /** Null once something is mounted there, else why not. */
    static @Nullable String await(Host host, String path, Duration limit, Cancellation cancellation) {
        if (host.isRemote()) {
            return "mount:" + path + " cannot be seen from here: run it on the host itself";
        }
        return Waiting.until(() -> isMounted(path), limit, cancellation)
                ? null
                : "nothing is mounted on " + path + " after " + limit.toSeconds() + " s";
    }

    /** proc(5): the fifth field is the mount point, with blanks and the like as octal escapes. */
    static boolean isMounted(String path) {
        String wanted = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        try {
            for (String line : Files.readAllLines(MOUNT_INFO)) {
                String[] fields = line.split(" ", -1);
                if (fields.length > 4 && unescape(fields[4]).equals(wanted)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
