// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.DomainFile.Kind;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that a definition names. */
final class DefinedFiles {
    private final Host host;
    private final String domain;
    private final String uuid;
    private final List<DomainFile> files = new ArrayList<>();

    private DefinedFiles(Host host, String domain, String uuid) {
        this.host = host;
        this.domain = domain;
        this.uuid = uuid;
    }

    static List<DomainFile> of(Host host, String domain, String uuid, DomainXml xml) {
        DefinedFiles found = new DefinedFiles(host, domain, uuid);
        for (Disk disk : xml.disks()) {
            found.addDisk(disk);
        }
        found.add(Kind.NVRAM, null, xml.get(DomainXml.NVRAM), "raw", true);
        found.add(Kind.BOOT, null, xml.get(DomainXml.KERNEL), "raw", false);
        found.add(Kind.BOOT, null, xml.get(DomainXml.INITRD), "raw", false);
        return found.files;
    }

    private void addDisk(Disk disk) {
        String target = disk.get(Disk.TARGET);
        boolean own = disk.isDisk() && disk.get(Disk.READONLY) == null && disk.get(Disk.SHAREABLE) == null;
        add(Kind.DISK, target, DomainDisk.pathIfKnown(host, disk), disk.get(Disk.FORMAT), own);
        XmlElement mirror = disk.element().element("mirror");
        if (mirror != null) {
            add(Kind.MIRROR, target, fileOf(mirror.element("source")), formatOf(mirror), true);
            // As libvirt before 1.2.6 wrote it.
            add(Kind.MIRROR, target, mirror.attribute("file"), mirror.attribute("format"), true);
        }
        for (XmlElement store = disk.element().element("backingStore");
                store != null;
                store = store.element("backingStore")) {
            add(Kind.BACKING, target, fileOf(store.element("source")), formatOf(store), false);
        }
    }

    private void add(Kind kind, @Nullable String target, @Nullable String path, @Nullable String format, boolean own) {
        if (path != null && !path.isBlank()) {
            files.add(new DomainFile(domain, uuid, kind, target, path, format, own));
        }
    }

    private static @Nullable String fileOf(@Nullable XmlElement source) {
        if (source == null) {
            return null;
        }
        String file = source.attribute("file");
        return file == null ? source.attribute("dev") : file;
    }

    private static @Nullable String formatOf(XmlElement image) {
        XmlElement format = image.element("format");
        return format == null ? null : format.attribute("type");
    }
}
