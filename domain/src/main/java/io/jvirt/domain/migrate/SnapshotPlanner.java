// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.DomainCheckpoint;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.reference.SnapshotFiles;
import io.jvirt.domain.step.SnapshotMetadataStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What becomes of snapshots: their data is in the disks that travel, and libvirt's record of each is made again there. */
final class SnapshotPlanner {
    static final String MEMORY_ROLE = "memory";

    private final Move move;
    private final FilePlan files;
    private final Findings findings;

    private SnapshotPlanner(Move move, FilePlan files, Findings findings) {
        this.move = move;
        this.files = files;
        this.findings = findings;
    }

    static List<Step> plan(Move move, FilePlan files, Findings findings) {
        if (move.request().live() != null) {
            // StateCheck says that it cannot take any along.
            return List.of();
        }
        SnapshotPlanner planner = new SnapshotPlanner(move, files, findings);
        List<Step> steps = new ArrayList<>();
        boolean isMadeAnew = files.convertsAny();
        // Parents come before their children.
        for (DomainSnapshot snapshot : DomainSnapshot.list(move.domain())) {
            try (snapshot) {
                steps.add(planner.snapshot(snapshot));
            }
        }
        if (!steps.isEmpty() && isMadeAnew) {
            findings.blocker(
                    "snapshot",
                    "the domain's " + steps.size() + " snapshot(s) would be lost: their disks are made anew",
                    "leave --chain flatten, --format and --compact out, or delete them: jvirt snapshot delete");
        }
        int snapshots = steps.size();
        for (DomainCheckpoint checkpoint : DomainCheckpoint.list(move.domain())) {
            try (checkpoint) {
                steps.add(planner.checkpoint(checkpoint));
            }
        }
        if (steps.size() > snapshots && isMadeAnew) {
            findings.blocker(
                    "checkpoint",
                    "the domain's " + (steps.size() - snapshots)
                            + " checkpoint(s) would be lost: their disks are made anew",
                    "leave --chain flatten, --format and --compact out, or delete them: virsh checkpoint-delete");
        }
        return steps;
    }

    private Step checkpoint(DomainCheckpoint checkpoint) {
        XmlDocument document = XmlDocument.parse(checkpoint.xml());
        follow(document.root());
        return new SnapshotMetadataStep(there(), document.toString(), false);
    }

    private Step snapshot(DomainSnapshot snapshot) {
        XmlDocument document = XmlDocument.parse(snapshot.xml());
        XmlElement root = document.root();
        XmlElement memory = root.element("memory");
        if (memory != null && memory.attribute("file") != null) {
            memory(snapshot.name(), memory);
        }
        XmlElement disks = root.element("disks");
        for (XmlElement disk : disks == null ? List.<XmlElement>of() : disks.elements("disk")) {
            external(snapshot.name(), disk);
        }
        follow(root);
        return new SnapshotMetadataStep(there(), document.toString(), snapshot.isCurrent());
    }

    private void memory(String name, XmlElement memory) {
        String file = String.valueOf(memory.attribute("file"));
        FilePlan.Destination there = destination(file);
        if (there == null) {
            findings.blocker(
                    "snapshot",
                    "snapshot '" + name + "' keeps memory in " + file + ", which does not exist",
                    forget(name));
            return;
        }
        memory.attribute("file", there.path());
        if (!there.path().equals(file)) {
            findings.note(
                    "snapshot",
                    "the memory of snapshot '" + name + "' names the machine's files as they are here: there, virsh"
                            + " save-image-edit " + ShellWord.quoted(there.path()) + " changes that");
        }
    }

    /** The memory of the domain's snapshots, as far as it is there. */
    static List<Path> memoryFiles(Move move) {
        return SnapshotFiles.memory(TrashedSnapshot.allOf(move.domain())).stream()
                .map(Path::of)
                .filter(Files::isRegularFile)
                .toList();
    }

    private StepDomain there() {
        return new StepDomain(move.request().targetUri(), move.targetName(), move.uuid());
    }

    /** An overlay that a snapshot made must be among the images that travel. */
    private void external(String name, XmlElement disk) {
        XmlElement source = disk.element("source");
        String file = source == null ? null : source.attribute("file");
        if ("external".equals(disk.attribute("snapshot")) && file != null && files.destinationOf(file) == null) {
            findings.blocker(
                    "snapshot",
                    "snapshot '" + name + "' has the image " + file + ", which is in no disk's chain",
                    forget(name));
        }
    }

    private String forget(String name) {
        return "virsh snapshot-delete " + move.word() + " " + ShellWord.quoted(name)
                + " --metadata, if it is not needed";
    }

    /** Names the files as the target has them. */
    private void follow(XmlElement element) {
        if (element.name().equals("source")) {
            FilePlan.Destination there = destination(element.attribute("file"));
            if (there != null) {
                element.attribute("file", there.path());
            }
        } else if (element.name().equals("nvram")) {
            FilePlan.Destination there = destination(element.text());
            if (there != null) {
                element.text(there.path());
            }
        }
        for (XmlElement child : element.elements()) {
            follow(child);
        }
    }

    private FilePlan.@Nullable Destination destination(@Nullable String path) {
        return path == null ? null : files.destinationOf(path);
    }
}
