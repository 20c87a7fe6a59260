// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.create.NewFile;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes snapshots and lists them. */
public final class Snapshots {
    private static final DateTimeFormatter DEFAULT_NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneId.systemDefault());

    private Snapshots() {}

    /**
     * What a snapshot shall be.
     *
     * @param name null for one made of the time
     * @param external in overlays; else inside the qcow2 images where they can hold it
     * @param diskOnly without the memory of a running guest
     * @param quiesced the guest's agent freezes its file systems meanwhile
     */
    public record Request(
            @Nullable String name,
            @Nullable String description,
            boolean external,
            boolean diskOnly,
            boolean quiesced) {}

    /** All of a domain's, parents before children, older ones first. */
    public static List<DomainSnapshot> list(Domain domain) {
        List<DomainSnapshot> all = new ArrayList<>();
        for (Snapshot snapshot : Snapshot.list(domain)) {
            try (snapshot) {
                all.add(described(snapshot));
            }
        }
        all.sort((a, b) -> {
            int byTime = a.created().compareTo(b.created());
            return byTime == 0 ? a.name().compareTo(b.name()) : byTime;
        });
        List<DomainSnapshot> sorted = new ArrayList<>();
        addChildren(null, all, sorted);
        // One whose parent is gone is a root.
        all.stream().filter(s -> !sorted.contains(s)).forEach(sorted::add);
        return sorted;
    }

    private static void addChildren(@Nullable String parent, List<DomainSnapshot> all, List<DomainSnapshot> sorted) {
        for (DomainSnapshot s : all) {
            if (Objects.equals(s.parent(), parent) && !sorted.contains(s)) {
                sorted.add(s);
                addChildren(s.name(), all, sorted);
            }
        }
    }

    /** One of them. */
    public static DomainSnapshot find(Domain domain, String name) {
        try (Snapshot snapshot = Snapshot.find(domain, name)) {
            return described(snapshot);
        }
    }

    private static DomainSnapshot described(Snapshot snapshot) {
        SnapshotXml xml = SnapshotXml.parse(snapshot.xml());
        List<DomainSnapshot.Disk> disks = new ArrayList<>();
        xml.overlays()
                .forEach((target, overlay) -> disks.add(new DomainSnapshot.Disk(target, xml.imageOf(target), overlay)));
        String memory = xml.get(SnapshotXml.MEMORY, "no");
        return new DomainSnapshot(
                snapshot.name(),
                xml.get(SnapshotXml.PARENT),
                Instant.ofEpochSecond(xml.get(SnapshotXml.CREATED_SECONDS, 0L)).toString(),
                xml.get(SnapshotXml.STATE, "unknown"),
                xml.isExternal() ? SnapshotXml.EXTERNAL : "internal",
                !memory.equals("no"),
                snapshot.isCurrent(),
                xml.get(SnapshotXml.DESCRIPTION),
                List.copyOf(disks));
    }

    /** Takes one. */
    public static DomainSnapshot create(Host host, String nameOrUuid, Request request) {
        try (Domain domain = host.findDomain(nameOrUuid);
                DomainLock lock = DomainLock.take("snapshot create", host, domain)) {
            String name = request.name() == null ? DEFAULT_NAME.format(Instant.now()) : checked(request.name());
            try (Snapshot there = Snapshot.named(domain, name)) {
                if (there != null) {
                    throw JvirtException.failed(
                            "domain '" + domain.name() + "' has a snapshot '" + name + "' already",
                            "choose another name, or none for the time of day");
                }
            }
            TemplateMark.refuseChange(domain);
            OpenDisks.refuse(host, domain);
            boolean running = domain.isActive();
            if (!running && DomainStateFiles.hasSavedState(host, domain)) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' has saved memory: its disks are in the middle of its work",
                        "jvirt start " + ShellWord.quoted(domain.name()) + ", then snapshot it");
            }
            DomainXml definition = DomainXml.parse(running ? domain.xml() : domain.inactiveXml());
            boolean external = request.external() || (running && request.diskOnly()) || !canBeInternal(definition);
            boolean diskOnly = external && (!running || request.diskOnly());
            if (request.quiesced() && !(running && diskOnly)) {
                throw JvirtException.usage(
                        "--quiesce is for a running domain's disks",
                        "jvirt snapshot create " + ShellWord.quoted(domain.name()) + " --disk-only --quiesce");
            }
            SnapshotXml xml = SnapshotXml.of(name, request.description());
            if (external) {
                addOverlays(host, xml, definition, domain.name(), name, diskOnly);
            }
            boolean live = external && running && !diskOnly;
            try (Snapshot made = Snapshot.create(domain, xml.text(), diskOnly, request.quiesced(), live)) {
                return described(made);
            }
        }
    }

    private static String checked(String name) {
        if (name.isEmpty() || name.length() > 100 || !name.matches("[A-Za-z0-9][A-Za-z0-9 ._+:@-]*")) {
            throw JvirtException.usage(
                    "a snapshot cannot be named '" + DomainName.escaped(name) + "'",
                    "letters, digits and . _ - + : @ make a name; it starts with a letter or a digit");
        }
        return name;
    }

    /** Inside the images, which are all qcow2 then, and there is no firmware with variables in an image of its own. */
    private static boolean canBeInternal(DomainXml definition) {
        return definition.get(DomainXml.NVRAM) == null
                && definition.get(DomainXml.FIRMWARE) == null
                && definition.disks().stream()
                        .filter(d -> d.isDisk() && d.get(Disk.READONLY) == null)
                        .allMatch(d ->
                                "qcow2".equals(d.get(Disk.FORMAT)) || "test".equals(definition.get(DomainXml.TYPE)));
    }

    private static void addOverlays(
            Host host, SnapshotXml xml, DomainXml definition, String domain, String name, boolean diskOnly) {
        OverlayNames names = new OverlayNames();
        Path memoryDirectory = null;
        for (Disk disk : definition.disks()) {
            String target = disk.get(Disk.TARGET, "");
            String path = disk.sourcePath();
            if (!disk.isDisk() || disk.get(Disk.READONLY) != null || disk.get(Disk.SHAREABLE) != null) {
                xml.addDisk(target, "no", null);
                continue;
            }
            if (path == null || !"file".equals(disk.get(Disk.TYPE))) {
                throw JvirtException.failed(
                        "disk '" + target + "' of domain '" + domain
                                + "' is no file, and only beside a file an overlay is made",
                        "its storage may have snapshots of its own");
            }
            Path image = Path.of(path);
            Path overlay = names.next(image, name, taken -> false);
            if (!host.isRemote()) {
                NewFile.checkedDirectory(overlay, "choose another name for the snapshot");
            }
            xml.addDisk(target, SnapshotXml.EXTERNAL, overlay.toString());
            memoryDirectory = image.getParent();
        }
        if (!diskOnly && memoryDirectory != null) {
            Path memory = memoryDirectory.resolve(domain + "." + name + ".memory");
            if (!host.isRemote()) {
                // libvirt would write over it, be it another machine's.
                NewFile.checkedDirectory(memory, "choose another name for the snapshot");
            }
            xml.set(SnapshotXml.MEMORY, SnapshotXml.EXTERNAL).set(SnapshotXml.MEMORY_FILE, memory.toString());
        }
    }
}
