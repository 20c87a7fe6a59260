// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The files of a machine that only its snapshots name. */
public final class SnapshotFiles {
    private SnapshotFiles() {}

    /**
     * The disks that it had when they were taken, and their formats then. They are its own as much as those that it has now,
     * unlike other images below, such as the base of a linked clone.
     */
    public static Map<String, String> disks(Host host, List<TrashedSnapshot> snapshots) {
        Map<String, String> own = new HashMap<>();
        for (TrashedSnapshot snapshot : snapshots) {
            XmlElement then = XmlDocument.parse(snapshot.xml()).root().element("domain");
            for (Disk disk : then == null
                    ? List.<Disk>of()
                    : DomainXml.parse(then.toString()).disks()) {
                String path = DomainDisk.pathOf(host, disk);
                if (path != null && disk.isDisk() && disk.get(Disk.READONLY) == null) {
                    own.put(path, disk.get(Disk.FORMAT, "raw"));
                }
            }
        }
        return own;
    }

    /** Where external snapshots keep the memory. */
    public static List<String> memory(List<TrashedSnapshot> snapshots) {
        List<String> files = new ArrayList<>();
        for (TrashedSnapshot snapshot : snapshots) {
            XmlElement memory = XmlDocument.parse(snapshot.xml()).root().element("memory");
            String file = memory == null ? null : memory.attribute("file");
            if (file != null && !files.contains(file)) {
                files.add(file);
            }
        }
        return files;
    }
}
