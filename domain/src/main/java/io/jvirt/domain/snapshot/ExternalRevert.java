// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.DeleteFileStep;
import io.jvirt.domain.step.DiskFileStep;
import io.jvirt.domain.step.DiskFileStep.Content;
import io.jvirt.domain.step.RedefineStep;
import io.jvirt.domain.step.SnapshotCurrentStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes a domain that is off back to an external snapshot: new overlays on the images that hold the snapshot, and the
 * definition of that time over them. The overlays that the domain had go, unless another snapshot or anyone else needs
 * them.
 */
final class ExternalRevert {
    private final Host host;
    private final Domain domain;
    private final OverlayNames names = new OverlayNames();
    private final List<String> notes = new ArrayList<>();
    private final List<Step> makes = new ArrayList<>();
    private final List<Step> removes = new ArrayList<>();

    ExternalRevert(Host host, Domain domain) {
        this.host = host;
        this.domain = domain;
    }

    SnapshotPlan plan(Snapshot snapshot) throws IOException {
        SnapshotXml xml = SnapshotXml.parse(snapshot.xml());
        DomainXml then = xml.definition();
        if (then == null) {
            throw JvirtException.failed(
                    "snapshot '" + snapshot.name() + "' does not say what the domain was like",
                    "virsh snapshot-delete --metadata makes libvirt forget the snapshot");
        }
        String before = domain.inactiveXmlWithSecrets();
        DomainXml now = DomainXml.parse(before);
        then.set(DomainXml.NAME, domain.name()).set(DomainXml.UUID, domain.uuid());
        ReferenceGraph graph = ReferenceGraph.readWithoutSnapshots(host, domain.uuid(), directories(xml));
        for (Map.Entry<String, @Nullable String> disk : xml.overlays().entrySet()) {
            revertDisk(disk.getKey(), snapshot, then, now, graph);
        }
        if (xml.get(SnapshotXml.MEMORY_FILE) != null) {
            notes.add("the disks go back, the memory does not: the guest starts as after a power cut");
        }
        List<Step> steps = new ArrayList<>(makes);
        steps.add(new RedefineStep(new StepDomain(domain.name(), domain.uuid()), before, then.text()));
        boolean diskOnly = "disk-snapshot".equals(xml.get(SnapshotXml.STATE));
        steps.add(new SnapshotCurrentStep(domain.name(), domain.uuid(), snapshot.name(), xml.text(), diskOnly));
        steps.addAll(removes);
        return new SnapshotPlan(domain.name(), domain.uuid(), snapshot.name(), List.copyOf(steps), List.copyOf(notes));
    }

    static Set<Path> directories(SnapshotXml xml) {
        Set<Path> directories = new LinkedHashSet<>();
        xml.overlays().keySet().forEach(target -> {
            String image = xml.imageOf(target);
            Path parent = image == null ? null : Path.of(image).getParent();
            if (parent != null) {
                directories.add(parent);
            }
        });
        return directories;
    }

    private void revertDisk(String target, Snapshot snapshot, DomainXml then, DomainXml now, ReferenceGraph graph)
            throws IOException {
        Disk disk = disk(then, target);
        String image = disk == null ? null : disk.sourcePath();
        if (disk == null || image == null || !Files.isRegularFile(Path.of(image))) {
            throw JvirtException.failed(
                    "the image of disk '" + target + "' in snapshot '" + snapshot.name() + "' is gone: " + image,
                    "jvirt snapshot info " + ShellWord.quoted(domain.name()) + " " + ShellWord.quoted(snapshot.name()));
        }
        ImageFormat format = ImageFormat.valueOf(disk.get(Disk.FORMAT, "raw").toUpperCase(Locale.ROOT));
        long bytes = DiskImages.describe(OpenRequest.of(Path.of(image)).withFormat(format))
                .virtualSizeBytes();
        Path overlay = names.next(Path.of(image), "after-" + snapshot.name(), Files::exists);
        makes.add(new DiskFileStep(new DiskFileStep.Spec(
                overlay,
                ImageFormat.QCOW2,
                bytes,
                Preallocation.OFF,
                Content.OVERLAY,
                Path.of(image),
                format,
                poolOf(host, image))));
        disk.set(Disk.FORMAT, "qcow2").set(Disk.SOURCE_FILE, overlay.toString());
        XmlElement store = disk.element().element("backingStore");
        if (store != null) {
            store.remove();
        }
        Disk current = disk(now, target);
        String abandoned = current == null ? null : current.sourcePath();
        if (abandoned != null && !abandoned.equals(image)) {
            removeUnlessNeeded(abandoned, graph);
        }
    }

    private void removeUnlessNeeded(String abandoned, ReferenceGraph graph) throws IOException {
        String reason = null;
        for (Use use : graph.uses(abandoned)) {
            // The domain itself no longer uses it then.
            if (!domain.name().equals(use.domain()) || use.image() != null) {
                reason = use.toString();
            }
        }
        if (reason == null) {
            reason = otherSnapshot(domain, abandoned, "");
        }
        if (reason == null && !graph.blindSpots().isEmpty()) {
            reason = "perhaps " + graph.blindSpots().get(0);
        }
        if (reason != null) {
            notes.add(abandoned + " stays, as it is used by " + reason);
        } else if (Files.isRegularFile(Path.of(abandoned))) {
            removes.add(new DeleteFileStep(Path.of(abandoned), poolOf(host, abandoned)));
        }
    }

    /** A snapshot of the domain, but for one, whose definition names the file; null for none. */
    static @Nullable String otherSnapshot(Domain domain, String file, String except) {
        return otherSnapshot(domain, file, except, false);
    }

    /** @param externalAlone not those that are inside the file */
    static @Nullable String otherSnapshot(Domain domain, String file, String except, boolean externalAlone) {
        for (Snapshot other : Snapshot.list(domain)) {
            try (other) {
                if (other.name().equals(except)) {
                    continue;
                }
                SnapshotXml xml = SnapshotXml.parse(other.xml());
                DomainXml definition = xml.isExternal() || !externalAlone ? xml.definition() : null;
                if (definition != null && definition.disks().stream().anyMatch(d -> file.equals(d.sourcePath()))) {
                    return "snapshot '" + other.name() + "'";
                }
            }
        }
        return null;
    }

    static @Nullable Disk disk(DomainXml definition, String target) {
        for (Disk disk : definition.disks()) {
            if (target.equals(disk.get(Disk.TARGET))) {
                return disk;
            }
        }
        return null;
    }

    static @Nullable String poolOf(Host host, String path) {
        try (Volume volume = Volume.atPath(host, path)) {
            if (volume == null) {
                return null;
            }
            try (var pool = volume.pool()) {
                return pool.name();
            }
        }
    }
}
