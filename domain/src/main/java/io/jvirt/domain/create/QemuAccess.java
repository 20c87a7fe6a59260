// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/** Whether QEMU will get at a file: the system's libvirt runs it as a user of its own and changes the file's owner, not the directories'. */
public final class QemuAccess {
    private QemuAccess() {}

    /** Adds a note where a directory on the way is closed to other users. */
    public static void check(Host host, Path file, List<String> notes) throws IOException {
        if (host.uri().endsWith("/session") || host.hypervisor().equalsIgnoreCase("test")) {
            return;
        }
        for (Path d = file.getParent(); d != null; d = d.getParent()) {
            if (Files.isDirectory(d)
                    && !Files.getPosixFilePermissions(d).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                notes.add("QEMU's user may not get into " + d + " to open " + file + "; chmod o+x " + d
                        + " if the guest does not start");
                return;
            }
        }
    }
}
