// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.ErrorNumber;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
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

    /** What the snapshots of a domain need; none where the driver has no snapshots. */
    static List<SnapshotFile> of(Host host, Domain domain) {
        List<SnapshotFile> files = new ArrayList<>();
        List<DomainSnapshot> snapshots;
        try {
            snapshots = DomainSnapshot.list(domain);
        } catch (LibvirtException e) {
            if (e.number() == ErrorNumber.NO_SUPPORT) {
                return files;
            }
            throw e;
        }
        for (DomainSnapshot snapshot : snapshots) {
            try (snapshot) {
                List<TrashedSnapshot> one = List.of(new TrashedSnapshot(snapshot.xml(), false));
                boolean isExternal = isExternal(one.get(0));
                disks(host, one)
                        .forEach((path, format) ->
                                files.add(new SnapshotFile(domain.name(), snapshot.name(), path, format, isExternal)));
                memory(one)
                        .forEach(
                                path -> files.add(new SnapshotFile(domain.name(), snapshot.name(), path, "raw", true)));
            }
        }
        return files;
    }

    private static boolean isExternal(TrashedSnapshot snapshot) {
        XmlElement disks = XmlDocument.parse(snapshot.xml()).root().element("disks");
        return disks != null
                && disks.elements("disk").stream().anyMatch(disk -> "external".equals(disk.attribute("snapshot")));
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
