// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Whether the target has the media in the drives, and the kernel that the definition boots. */
final class MediaCheck implements MoveCheck {
    @Override
    public void run(Move move, Findings findings) throws IOException {
        for (Disk drive : move.xml().disks()) {
            String path = drive.isDisk() ? null : DomainDisk.pathOf(move.source(), drive);
            if (path == null || move.storage().exists(path)) {
                continue;
            }
            String policy = drive.get(Disk.STARTUP_POLICY);
            if (policy != null && !policy.equals("mandatory")) {
                findings.note("medium", "the target does not have " + path + ": the drive will be empty");
            } else {
                findings.blocker(
                        "medium",
                        "the target does not have " + path + " (drive " + drive.get(Disk.TARGET) + ")",
                        "take it out: jvirt set " + move.word() + " --eject " + drive.get(Disk.TARGET)
                                + "; or copy it there");
            }
        }
        boot(move, move.xml().get(DomainXml.KERNEL), "kernel", findings);
        boot(move, move.xml().get(DomainXml.INITRD), "initrd", findings);
        boot(move, move.xml().get(DomainXml.DTB), "device tree", findings);
    }

    private static void boot(Move move, @Nullable String path, String what, Findings findings) throws IOException {
        if (path != null && !move.storage().exists(path)) {
            findings.blocker(
                    "kernel", "the target does not have the " + what + " " + path, "copy it there under the same name");
        }
    }
}
