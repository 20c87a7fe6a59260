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
import org.jspecify.annotations.Nullable;

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
            for (Disk disk : disksThen(root(snapshot.xml()))) {
                String path = DomainDisk.pathOf(host, disk);
                if (path != null) {
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
            String file = memory(root(snapshot.xml()));
            if (file != null && !files.contains(file)) {
                files.add(file);
            }
        }
        return files;
    }

    /** What the snapshots of a domain need; none where the driver has no snapshots. */
    static List<SnapshotFile> of(Host host, Domain domain) {
        List<DomainSnapshot> snapshots;
        try {
            snapshots = DomainSnapshot.list(domain);
        } catch (LibvirtException e) {
            if (e.number() == ErrorNumber.NO_SUPPORT) {
                return List.of();
            }
            throw e;
        }
        List<SnapshotFile> files = new ArrayList<>();
        for (DomainSnapshot snapshot : snapshots) {
            try (snapshot) {
                add(host, domain.name(), snapshot, files);
            }
        }
        return files;
    }

    private static void add(Host host, String domain, DomainSnapshot snapshot, List<SnapshotFile> files) {
        XmlElement root = root(snapshot.xml());
        boolean isExternal = isExternal(root);
        for (Disk disk : disksThen(root)) {
            String path = DomainDisk.pathIfKnown(host, disk);
            if (path != null) {
                files.add(new SnapshotFile(domain, snapshot.name(), path, disk.get(Disk.FORMAT, "raw"), isExternal));
            }
        }
        String memory = memory(root);
        if (memory != null) {
            files.add(new SnapshotFile(domain, snapshot.name(), memory, "raw", true));
        }
    }

    private static XmlElement root(String snapshot) {
        return XmlDocument.parse(snapshot).root();
    }

    private static List<Disk> disksThen(XmlElement snapshot) {
        XmlElement then = snapshot.element("domain");
        return then == null
                ? List.of()
                : DomainXml.parse(then.toString()).disks().stream()
                        .filter(disk -> disk.isDisk() && disk.get(Disk.READONLY) == null)
                        .toList();
    }

    private static @Nullable String memory(XmlElement snapshot) {
        XmlElement memory = snapshot.element("memory");
        return memory == null ? null : memory.attribute("file");
    }

    private static boolean isExternal(XmlElement snapshot) {
        XmlElement disks = snapshot.element("disks");
        return disks != null
                && disks.elements("disk").stream().anyMatch(disk -> "external".equals(disk.attribute("snapshot")));
    }
}
