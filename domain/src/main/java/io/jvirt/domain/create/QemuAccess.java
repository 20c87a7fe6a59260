// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/** Whether QEMU will get at a file: the system's libvirt runs it as a user of its own and changes the file's owner, not the directories'. */
final class QemuAccess {
    private QemuAccess() {}

    /** Adds a note where a directory on the way is closed to other users. */
    static void check(HostFacts facts, Path file, List<String> notes) throws IOException {
        if (facts.isSession() || facts.isTest()) {
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
