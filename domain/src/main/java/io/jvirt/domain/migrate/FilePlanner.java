// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Goes through the files of a domain: its disks with their chains, its NVRAM, the state of its TPM, saved memory. */
final class FilePlanner {
    private final Move move;
    private final Findings findings;
    private final FilePlan plan = new FilePlan();
    private final TargetPlaces places;
    private final FilePlacer placer;

    private FilePlanner(Move move, Findings findings) {
        this.move = move;
        this.findings = findings;
        this.places = new TargetPlaces(move, findings);
        this.placer = new FilePlacer(move, findings, plan, places);
    }

    static FilePlan plan(Move move, Findings findings) throws IOException {
        FilePlanner planner = new FilePlanner(move, findings);
        for (Disk disk : move.xml().disks()) {
            if (disk.isDisk()) {
                planner.disk(disk);
            }
        }
        if (move.request().live() != null) {
            // What else there is (NVRAM, TPM) goes with the memory.
            planner.places.checkSpace();
            return planner.plan;
        }
        String nvram = Nvram.pathOf(move.xml());
        if (nvram != null && Files.exists(Path.of(nvram))) {
            SourceImage image = new SourceImage(Path.of(nvram), ImageFormat.RAW, null, null);
            boolean isNamedByDomain = Nvram.isImplicit(move.xml());
            planner.placer.file(image, "nvram", isNamedByDomain ? Nvram.fileName(move.targetName()) : image.fileName());
        }
        for (Path state : TpmState.files(move)) {
            planner.placer.file(new SourceImage(state, ImageFormat.RAW, null, null), "tpm", null, null);
        }
        for (Path memory : SnapshotPlanner.memoryFiles(move)) {
            planner.placer.file(
                    new SourceImage(memory, ImageFormat.RAW, null, null), SnapshotPlanner.MEMORY_ROLE, null, null);
        }
        SavedMemory saved = SavedMemory.of(move, findings);
        if (saved != null) {
            saved.plan(planner.plan, planner.places);
        }
        OverwriteCheck.run(move, planner.plan, findings);
        planner.places.checkSpace();
        return planner.plan;
    }

    private void disk(Disk disk) throws IOException {
        String name = "disk " + disk.get(Disk.TARGET, "?");
        String path = DomainDisk.pathOf(move.source(), disk);
        if (path == null) {
            withoutPath(disk, name);
            return;
        }
        if (!Files.exists(Path.of(path))) {
            findings.blocker("disk", name + ": " + path + " does not exist", "jvirt info " + move.word());
            return;
        }
        if (!Files.isRegularFile(Path.of(path)) && isUnmapped(path)) {
            findings.blocker(
                    "disk",
                    name + ": " + path + " is a device, of which the target gets a file",
                    "say where to: --pool-map " + Path.of(path).getParent() + "=POOL");
            return;
        }
        List<SourceImage> chain;
        try {
            chain = SourceImage.chain(Path.of(path), SourceImage.format(disk.get(Disk.FORMAT, "raw")));
        } catch (StorageException e) {
            String hint = e.hint();
            findings.blocker("disk", name + ": " + e.getMessage(), hint == null ? chainOf(path) : hint);
            return;
        } catch (IOException e) {
            findings.blocker("disk", name + ": its backing chain cannot be read: " + e, chainOf(path));
            return;
        }
        if (move.request().live() != null) {
            new LiveDiskPlanner(move, findings, plan, places, placer).plan(disk, chain, name);
            return;
        }
        ImageFormat stored = Conversion.of(move, chain, name, findings);
        if (stored != null) {
            flattened(chain, stored);
            return;
        }
        if (Conversion.isAsked(move, chain)) {
            return;
        }
        // From the base up: what an image names exists before it.
        FilePlacer.Placed below = null;
        for (int i = chain.size() - 1; i >= 0; i--) {
            SourceImage image = chain.get(i);
            SourceImage dataFile = image.data();
            FilePlacer.Placed data =
                    dataFile == null ? null : placer.file(dataFile, i == 0 ? "data" : "backing", null, null);
            if (dataFile != null && data == null) {
                return;
            }
            below = placer.file(image, i == 0 ? "disk" : "backing", below, data);
            if (below == null) {
                return;
            }
        }
    }

    private static String chainOf(String path) {
        return "look at it: jvirt disk info --backing-chain " + ShellWord.quoted(path);
    }

    private void flattened(List<SourceImage> chain, ImageFormat stored) throws IOException {
        List<SourceImage> below = new ArrayList<>(chain.subList(1, chain.size()));
        for (SourceImage image : chain) {
            SourceImage data = image.data();
            if (data != null) {
                below.add(data);
            }
        }
        FilePlacer.Placed top = placer.merged(chain.get(0), SourceImage.below(chain), stored);
        if (top == null || top.action() == MovedFile.Action.SHARED) {
            return;
        }
        plan.convert(chain.get(0).path().toString(), stored);
        for (SourceImage image : below) {
            plan.add(new MovedFile(
                    image.path().toString(),
                    "backing",
                    image.format().id(),
                    MovedFile.Action.FLATTEN,
                    top.path(),
                    0,
                    false));
        }
    }

    private void withoutPath(Disk disk, String name) {
        String type = disk.get(Disk.TYPE, "file");
        if (disk.get(Disk.SOURCE_PROTOCOL) != null) {
            findings.note(
                    "disk",
                    name + " is on the network (" + disk.get(Disk.SOURCE_PROTOCOL) + " "
                            + disk.get(Disk.SOURCE_NAME, "") + ") and stays where it is");
        } else if (type.equals("volume")) {
            findings.blocker(
                    "disk",
                    name + ": volume " + disk.get(Disk.SOURCE_VOLUME) + " of pool '" + disk.get(Disk.SOURCE_POOL)
                            + "' cannot be found",
                    "jvirt pool start " + ShellWord.quoted(disk.get(Disk.SOURCE_POOL, "")));
        } else if (!type.equals("file")) {
            findings.blocker(
                    "disk",
                    name + " is of type " + type + ", which cannot be moved",
                    "detach it: jvirt set " + move.word() + " --remove-disk " + disk.get(Disk.TARGET));
        }
    }

    private boolean isUnmapped(String device) {
        return !move.request()
                .poolMap()
                .containsKey(String.valueOf(Path.of(device).getParent()));
    }
}
