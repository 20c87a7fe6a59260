// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Whether the target has the files that no disk is: media, the kernel that the definition boots, tables and memory devices' files. */
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
        XmlElement domain = move.xml().element();
        for (XmlElement os : domain.elements("os")) {
            for (XmlElement acpi : os.elements("acpi")) {
                for (XmlElement table : acpi.elements("table")) {
                    boot(move, table.text().strip(), "ACPI table", findings);
                }
            }
        }
        for (XmlElement sysinfo : domain.elements("sysinfo")) {
            for (XmlElement entry : sysinfo.elements("entry")) {
                boot(move, entry.attribute("file"), "fw_cfg file", findings);
            }
        }
        for (XmlElement devices : domain.elements("devices")) {
            for (XmlElement memory : devices.elements("memory")) {
                memory(move, memory, findings);
            }
        }
    }

    /** NVDIMM and its like: the guest's data outside of its disks. */
    private static void memory(Move move, XmlElement device, Findings findings) throws IOException {
        XmlElement source = device.element("source");
        XmlElement path = source == null ? null : source.element("path");
        if (path == null) {
            return;
        }
        String file = path.text().strip();
        if (move.storage().exists(file)) {
            findings.note(
                    "memory",
                    file + ", where a memory device keeps its data, stays here: the guest will see the target's file");
        } else {
            findings.blocker(
                    "memory",
                    "the target does not have " + file + ", where a memory device keeps its data",
                    "copy it there under the same name, or take the device out: jvirt edit " + move.word());
        }
    }

    private static void boot(Move move, @Nullable String path, String what, Findings findings) throws IOException {
        if (path != null && !move.storage().exists(path)) {
            findings.blocker(
                    "kernel", "the target does not have the " + what + " " + path, "copy it there under the same name");
        }
    }
}
