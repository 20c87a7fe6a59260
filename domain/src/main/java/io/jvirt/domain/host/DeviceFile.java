// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** KVM's device file on this machine. */
final class DeviceFile {
    private static final Path PATH = Path.of("/dev/kvm");
    private static final Path CONFIGURATION = Path.of("/etc/libvirt/qemu.conf");
    private static final Pattern QEMU_RUNS_AS_ROOT =
            Pattern.compile("^\\s*user\\s*=\\s*\"(root|\\+?0)\"", Pattern.MULTILINE);

    private DeviceFile() {}

    static boolean isMissing() {
        return !Files.exists(PATH);
    }

    /**
     * QEMU may not open it, and nobody needs to try. On a machine without udev the node is root's alone, while QEMU runs
     * as a user of its own; libvirt then needs most of a minute to fail.
     */
    static boolean isClosedToQemu(String uri) {
        if (uri.endsWith("/session")) {
            return !Files.isReadable(PATH) || !Files.isWritable(PATH);
        }
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(PATH);
            return !permissions.contains(PosixFilePermission.GROUP_WRITE)
                    && !permissions.contains(PosixFilePermission.OTHERS_WRITE)
                    && !QEMU_RUNS_AS_ROOT
                            .matcher(Files.readString(CONFIGURATION))
                            .find();
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Who may open it: changes when somebody mends its permissions. */
    static String permissions() {
        try {
            Map<String, Object> attributes = Files.readAttributes(PATH, "unix:mode,uid,gid");
            return attributes.get("mode") + ":" + attributes.get("uid") + ":" + attributes.get("gid");
        } catch (IOException | UnsupportedOperationException e) {
            return "unknown";
        }
    }
}
