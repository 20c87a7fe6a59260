// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.reference.ImageLink;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.CommitStep;
import io.jvirt.domain.step.DeleteFileStep;
import io.jvirt.domain.step.ForgetSnapshotStep;
import io.jvirt.domain.step.RebaseStep;
import io.jvirt.domain.step.RedefineStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deletes an external snapshot of a domain that is off.
 *
 * <p>The image that holds the snapshot is needed by the overlays above it. Where the domain's own overlay is the only one,
 * it is committed into the image, which the domain then uses again. Where there are several, each takes over what it shows
 * of the image (rebase), and the image goes. Where anyone else needs the image, it stays as it is and only the snapshot's
 * name goes.
 */
final class ExternalDelete {
    private final Host host;
    private final Domain domain;
    private final String snapshot;
    private final List<String> notes = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Step> removes = new ArrayList<>();
    private final DomainXml definition;
    private boolean redefines;

    ExternalDelete(Host host, Domain domain, String snapshot) {
        this.host = host;
        this.domain = domain;
        this.snapshot = snapshot;
        this.definition = DomainXml.parse(domain.inactiveXmlWithSecrets());
    }

    SnapshotPlan plan(Snapshot found) throws IOException {
        SnapshotXml xml = SnapshotXml.parse(found.xml());
        String before = definition.text();
        ReferenceGraph graph =
                ReferenceGraph.readWithoutSnapshots(host, domain.uuid(), ExternalRevert.directories(xml));
        for (Map.Entry<String, @Nullable String> disk : xml.overlays().entrySet()) {
            String target = disk.getKey();
            String image = xml.imageOf(target);
            if (image == null || !Files.isRegularFile(Path.of(image))) {
                throw JvirtException.failed(
                        "the image of disk '" + target + "' in snapshot '" + snapshot + "' is gone: " + image,
                        "virsh snapshot-delete --metadata makes libvirt forget the snapshot");
            }
            deleteDisk(target, image, orphan(disk.getValue(), graph), graph);
        }
        if (redefines) {
            steps.add(new RedefineStep(new StepDomain(domain.name(), domain.uuid()), before, definition.text()));
        }
        steps.add(new ForgetSnapshotStep(domain.name(), domain.uuid(), snapshot));
        steps.addAll(removes);
        String memory = xml.get(SnapshotXml.MEMORY_FILE);
        if (memory != null && Files.isRegularFile(Path.of(memory))) {
            steps.add(new DeleteFileStep(Path.of(memory), null));
        }
        return new SnapshotPlan(domain.name(), domain.uuid(), snapshot, List.copyOf(steps), List.copyOf(notes));
    }

    /** The overlay that the disk went on in, where nothing goes on in it any more: it goes with the snapshot. */
    private @Nullable String orphan(@Nullable String overlay, ReferenceGraph graph) throws IOException {
        if (overlay == null
                || !Files.isRegularFile(Path.of(overlay))
                || !graph.uses(overlay).isEmpty()
                || !graph.blindSpots().isEmpty()
                || ExternalRevert.otherSnapshot(domain, overlay, snapshot) != null) {
            return null;
        }
        removes.add(new DeleteFileStep(Path.of(overlay), ExternalRevert.poolOf(host, overlay)));
        return overlay;
    }

    private void deleteDisk(String target, String image, @Nullable String orphan, ReferenceGraph graph)
            throws IOException {
        List<String> above = new ArrayList<>();
        for (ImageLink link : graph.links()) {
            if (graph.isSameFile(link.file(), image) && !above.contains(link.image())) {
                above.add(link.image());
            }
        }
        if (orphan != null) {
            above.removeIf(overlay -> graph.isSameFile(overlay, orphan));
        }
        String needed = needed(image, above, graph);
        if (needed != null) {
            notes.add(image + " stays, as it is used by " + needed);
            return;
        }
        Disk disk = ExternalRevert.disk(definition, target);
        String current = disk == null ? null : disk.sourcePath();
        if (disk != null
                && current != null
                && above.size() == 1
                && graph.isSameFile(above.get(0), current)
                && graph.uses(current).size() == 1
                && ExternalRevert.otherSnapshot(domain, current, snapshot) == null) {
            commit(disk, Path.of(current), image, graph);
            return;
        }
        String inside = ExternalRevert.otherSnapshot(domain, image, snapshot);
        if (inside != null) {
            notes.add(image + " stays, as it is used by " + inside);
            return;
        }
        for (String overlay : above) {
            steps.add(new RebaseStep(Path.of(overlay)));
        }
        removes.add(new DeleteFileStep(Path.of(image), ExternalRevert.poolOf(host, image)));
    }

    private void commit(Disk disk, Path overlay, String image, ReferenceGraph graph) throws IOException {
        String format = "raw";
        for (ImageLink link : graph.links()) {
            if (graph.isSameFile(link.file(), image) && link.format() != null) {
                format = link.format();
            }
        }
        steps.add(new CommitStep(overlay));
        disk.set(Disk.FORMAT, format).set(Disk.SOURCE_FILE, image);
        XmlElement store = disk.element().element("backingStore");
        if (store != null) {
            store.remove();
        }
        redefines = true;
        removes.add(new DeleteFileStep(overlay, ExternalRevert.poolOf(host, overlay.toString())));
    }

    /** Who but this domain's overlays needs the image, or null. */
    private @Nullable String needed(String image, List<String> above, ReferenceGraph graph) {
        for (Use use : graph.uses(image)) {
            // The definition may also name it as what lies below the overlay.
            boolean own = domain.name().equals(use.domain()) && !isDisk(image, graph);
            if (use.domain() != null && !own) {
                return use.toString();
            }
        }
        for (String overlay : above) {
            List<String> users = graph.domainsUsing(overlay);
            users.remove(domain.name());
            boolean own = !graph.domainsUsing(overlay).isEmpty()
                    || ExternalRevert.otherSnapshot(domain, overlay, snapshot) != null;
            if (!users.isEmpty() || !own) {
                return "image " + overlay;
            }
        }
        // What is inside the image survives a commit into it.
        String other = ExternalRevert.otherSnapshot(domain, image, snapshot, true);
        if (other == null && !graph.blindSpots().isEmpty()) {
            return "perhaps " + graph.blindSpots().get(0);
        }
        return other;
    }

    private boolean isDisk(String image, ReferenceGraph graph) {
        return definition.disks().stream()
                .map(Disk::sourcePath)
                .anyMatch(path -> path != null && graph.isSameFile(path, image));
    }
}
