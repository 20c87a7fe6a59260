// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.storage.ImageFormat;
import org.jspecify.annotations.Nullable;

/** The definition as the target is to have it: the source's, but for what the plan maps. */
final class TargetDefinition {
    private TargetDefinition() {}

    static String of(Move move, FilePlan files) {
        return of(move, move.sourceXml(), files);
    }

    /** The same of the running domain. */
    static String of(Move move, String sourceXml, FilePlan files) {
        DomainXml xml = DomainXml.parse(sourceXml);
        if (move.request().rename() != null) {
            xml.set(DomainXml.NAME, move.request().rename());
        }
        for (Disk disk : xml.disks()) {
            disk(move, disk, files);
        }
        String nvram = xml.get(DomainXml.NVRAM);
        FilePlan.Destination moved = nvram == null ? null : files.destinationOf(nvram);
        if (moved != null) {
            xml.set(DomainXml.NVRAM, moved.path());
        }
        for (Interface card : xml.interfaces()) {
            String network = card.get(Interface.SOURCE_NETWORK);
            if (network != null) {
                card.set(Interface.SOURCE_NETWORK, move.request().networkMap().getOrDefault(network, network));
            }
        }
        return xml.text();
    }

    private static void disk(Move move, Disk disk, FilePlan files) {
        String path = io.jvirt.domain.reference.DomainDisk.pathOf(move.source(), disk);
        MovedFile file = path == null ? null : files.fileAt(normalized(path));
        FilePlan.Destination there = path == null ? null : files.destinationOf(path);
        if (file == null || there == null) {
            return;
        }
        if (disk.get(Disk.SOURCE_VOLUME) != null) {
            volume(disk, there);
        } else if (disk.get(Disk.SOURCE_BLOCK) != null) {
            disk.set(Disk.TYPE, "file");
            disk.set(Disk.SOURCE_BLOCK, null);
            disk.set(Disk.SOURCE_FILE, there.path());
        } else if (disk.get(Disk.SOURCE_FILE) != null) {
            disk.set(Disk.SOURCE_FILE, there.path());
        }
        ImageFormat format = files.convertedFormat(file.path());
        if (format != null) {
            disk.set(Disk.FORMAT, format.id());
            XmlElement store = disk.element().element("backingStore");
            if (store != null) {
                store.remove();
            }
        }
        backing(disk.element().element("backingStore"), files);
    }

    private static String normalized(String path) {
        return java.nio.file.Path.of(path).toAbsolutePath().normalize().toString();
    }

    private static void volume(Disk disk, FilePlan.Destination there) {
        int slash = there.path().lastIndexOf('/');
        if (there.pool() != null) {
            disk.set(Disk.SOURCE_POOL, there.pool());
            disk.set(Disk.SOURCE_VOLUME, there.path().substring(slash + 1));
        } else {
            disk.set(Disk.TYPE, "file");
            disk.set(Disk.SOURCE_FILE, there.path());
            disk.set(Disk.SOURCE_POOL, null);
            disk.set(Disk.SOURCE_VOLUME, null);
        }
    }

    private static void backing(@Nullable XmlElement store, FilePlan files) {
        for (XmlElement at = store; at != null; at = at.element("backingStore")) {
            XmlElement source = at.element("source");
            String file = source == null ? null : source.attribute("file");
            FilePlan.Destination there = file == null ? null : files.destinationOf(file);
            if (source != null && there != null) {
                source.attribute("file", there.path());
            }
        }
    }
}
