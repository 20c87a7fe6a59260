// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.libvirt.BlockSize;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ImageInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides for each file of the domain whether it goes, where to, and what it is called there. */
final class FilePlanner {
    private final Move move;
    private final Findings findings;
    private final FilePlan plan = new FilePlan();
    private final TargetPlaces places;
    private @Nullable String nvramName;

    private FilePlanner(Move move, Findings findings) {
        this.move = move;
        this.findings = findings;
        this.places = new TargetPlaces(move, findings);
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
            planner.nvramName = Nvram.isImplicit(move.xml()) ? Nvram.fileName(move.targetName()) : null;
            planner.file(new SourceImage(Path.of(nvram), ImageFormat.RAW, null, null), "nvram", null, null);
        }
        for (Path state : TpmState.files(move)) {
            planner.file(new SourceImage(state, ImageFormat.RAW, null, null), "tpm", null, null);
        }
        SavedMemory saved = SavedMemory.of(move, findings);
        if (saved != null) {
            saved.plan(planner.plan, planner.places);
        }
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
            findings.blocker("disk", name + ": " + path + " does not exist", "jvirt info " + move.name());
            return;
        }
        if (isDevice(Path.of(path)) && isUnmapped(path)) {
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
            findings.blocker("disk", name + ": " + e.getMessage(), e.hint());
            return;
        } catch (IOException e) {
            findings.blocker("disk", name + ": its backing chain cannot be read: " + e, null);
            return;
        }
        if (move.request().live() != null) {
            live(disk, chain, name);
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
        Placed below = null;
        for (int i = chain.size() - 1; i >= 0; i--) {
            SourceImage image = chain.get(i);
            SourceImage dataFile = image.data();
            Placed data = dataFile == null ? null : file(dataFile, i == 0 ? "data" : "backing", null, null);
            if (dataFile != null && data == null) {
                return;
            }
            below = file(image, i == 0 ? "disk" : "backing", below, data);
            if (below == null) {
                return;
            }
        }
    }

    /** A running domain's disk: libvirt copies what the guest sees into an image that is made for it. */
    private void live(Disk disk, List<SourceImage> chain, String name) throws IOException {
        SourceImage image = chain.get(0);
        String path = image.path().toAbsolutePath().normalize().toString();
        String directory = String.valueOf(Path.of(path).getParent());
        String target = disk.get(Disk.TARGET, "");
        HostStorage.Place place = places.of(directory, path);
        if (place == null) {
            return;
        }
        String fileName = targetName(image, String.valueOf(image.path().getFileName()), null);
        if (place.has(fileName) && places.isShared(place, directory)) {
            if (places.isAsAsserted(path, true)) {
                placed(image, "disk", MovedFile.Action.SHARED, place, fileName, 0);
            }
            return;
        }
        if (!places.isAsAsserted(path, false)) {
            return;
        }
        if (place.has(fileName)) {
            findings.blocker(
                    "disk",
                    "the target has another file " + place.directory() + "/" + fileName + " already",
                    "move it away there, or take another pool: --pool-map");
            return;
        }
        if (!place.isPool()) {
            plan.open(place.directory(), place.pool());
        }
        if (chain.size() > 1) {
            findings.remap("disk", name + ": its chain of " + chain.size() + " images becomes one on the target");
        }
        BlockSize size = move.domain().blockSize(target);
        places.need(place.directory(), size.allocationBytes());
        placed(image, "disk", MovedFile.Action.COPY, place, fileName, size.allocationBytes());
        plan.convert(image.path().toString(), image.format());
        plan.copyLive(
                target,
                place.pool(),
                place.directory() + "/" + fileName,
                image.format().id(),
                size.capacityBytes());
    }

    private void flattened(List<SourceImage> chain, ImageFormat stored) throws IOException {
        List<SourceImage> below = new ArrayList<>(chain.subList(1, chain.size()));
        for (SourceImage image : chain) {
            SourceImage data = image.data();
            if (data != null) {
                below.add(data);
            }
        }
        Placed top = file(chain.get(0), "disk", null, null, SourceImage.below(chain), stored);
        if (top == null || top.action == MovedFile.Action.SHARED) {
            return;
        }
        plan.convert(chain.get(0).path().toString(), stored);
        for (SourceImage image : below) {
            plan.add(new MovedFile(
                    image.path().toString(),
                    "backing",
                    image.format().id(),
                    MovedFile.Action.FLATTEN,
                    top.path,
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
                    "jvirt pool start " + disk.get(Disk.SOURCE_POOL, ""));
        } else if (!type.equals("file")) {
            findings.blocker("disk", name + " is of type " + type + ", which cannot be moved", null);
        }
    }

    /** Where a file will be. */
    private record Placed(MovedFile.Action action, String path) {}

    private @Nullable Placed file(SourceImage image, String role, @Nullable Placed below, @Nullable Placed data)
            throws IOException {
        return file(image, role, below, data, List.of(), null);
    }

    /**
     * Plans one file.
     *
     * @param below where the image below it will be, if it has one
     * @param data where the file that has its data will be, if that is another one
     * @param merged the files below it that become a part of it
     * @param stored the format that it is made into; null to leave it as it is
     * @return null where it cannot go
     */
    private @Nullable Placed file(
            SourceImage image,
            String role,
            @Nullable Placed below,
            @Nullable Placed data,
            List<Path> merged,
            @Nullable ImageFormat stored)
            throws IOException {
        String path = image.path().toAbsolutePath().normalize().toString();
        MovedFile known = plan.fileAt(path);
        if (known != null) {
            return new Placed(known.action(), known.targetPath());
        }
        String directory =
                String.valueOf(image.path().toAbsolutePath().normalize().getParent());
        HostStorage.Place place = places.of(directory, path);
        if (place == null) {
            return null;
        }
        String fileName = role.equals("nvram") && nvramName != null
                ? nvramName
                : String.valueOf(image.path().getFileName());
        if (!place.isActive()) {
            findings.blocker(
                    "pool",
                    "pool '" + place.pool() + "' on the target is not active",
                    "jvirt -c " + move.request().targetUri() + " pool start " + place.pool());
            return null;
        }
        boolean isThere = place.has(fileName);
        boolean shared = isThere && places.isShared(place, directory);
        boolean isDisk = FilePlan.isDisk(role);
        if (isDisk && !places.isAsAsserted(path, shared)) {
            return null;
        }
        if (shared) {
            return placed(image, role, MovedFile.Action.SHARED, place, fileName, 0);
        }
        if (isThere
                && role.equals("backing")
                && Files.size(image.path()) == place.fileBytes().getOrDefault(fileName, -1L)) {
            Placed reused = placed(image, role, MovedFile.Action.REUSE, place, fileName, 0);
            if (!place.isPool()) {
                plan.open(place.directory(), place.pool());
            }
            // Without a look nobody knows that it is the same.
            plan.reuse(shipment(image, below, data, merged, stored, place, fileName));
            return reused;
        }
        String targetName = targetName(image, fileName, stored);
        boolean isOlderCopy = place.has(targetName) && move.request().isDelta();
        if (isOlderCopy) {
            findings.remap("disk", place.directory() + "/" + targetName + " on the target is overwritten by " + path);
        } else if (place.has(targetName)) {
            findings.blocker(
                    "disk",
                    "the target has another file " + place.directory() + "/" + targetName + " already",
                    "move it away there, take another pool (--pool-map), or overwrite it if it is an older copy (--delta)");
            return null;
        }
        Shipment shipment = shipment(image, below, data, merged, stored, place, targetName);
        long dataBytes;
        try (Payload payload = move.request().presync() == null ? shipment.open() : shipment.look()) {
            dataBytes = payload.dataBytes(0);
        } catch (ImageInUseException e) {
            findings.blocker("disk", path + " is in use by another program", "find it: lsof " + path);
            return null;
        } catch (StorageException e) {
            findings.blocker("disk", path + " cannot be read: " + e.getMessage(), e.hint());
            return null;
        }
        if (!place.isPool()) {
            plan.open(place.directory(), place.pool());
        }
        if (!isOlderCopy) {
            places.need(place.directory(), dataBytes);
        }
        plan.send(
                shipment,
                role,
                dataBytes,
                move.request().bytesPerSecond(),
                move.request().isVerified());
        return placed(
                image,
                role,
                isOlderCopy ? MovedFile.Action.UPDATE : MovedFile.Action.COPY,
                place,
                targetName,
                dataBytes);
    }

    private static boolean isDevice(Path path) {
        return !Files.isRegularFile(path);
    }

    private boolean isUnmapped(String device) {
        return !move.request()
                .poolMap()
                .containsKey(String.valueOf(Path.of(device).getParent()));
    }

    private static String targetName(SourceImage image, String fileName, @Nullable ImageFormat stored) {
        if (stored != null) {
            return Conversion.nameOf(fileName, stored);
        }
        return isDevice(image.path()) ? Conversion.nameOf(fileName, image.format()) : fileName;
    }

    private Placed placed(
            SourceImage image,
            String role,
            MovedFile.Action action,
            HostStorage.Place place,
            String targetName,
            long dataBytes) {
        String path = image.path().toAbsolutePath().normalize().toString();
        String targetPath = place.directory() + "/" + targetName;
        plan.add(new MovedFile(path, role, image.format().id(), action, targetPath, dataBytes, false));
        plan.place(image.path().toString(), targetPath, place.isPool() ? place.pool() : null);
        return new Placed(action, targetPath);
    }

    private Shipment shipment(
            SourceImage image,
            @Nullable Placed below,
            @Nullable Placed data,
            List<Path> merged,
            @Nullable ImageFormat stored,
            HostStorage.Place place,
            String targetName) {
        return new Shipment(
                image.path(),
                image.format(),
                stored == null ? Shipment.Form.FILE : Shipment.Form.GUEST,
                stored == null ? newName(image.backing(), below, place) : null,
                stored == null ? newName(image.dataFile(), data, place) : null,
                null,
                merged,
                move.request().targetUri(),
                place.pool(),
                targetName,
                place.directory() + "/" + targetName,
                stored == null ? image.format() : stored,
                move.request().route(),
                place.has(targetName));
    }

    /** Null where the name that is stored leads to the right file there too. */
    private static @Nullable String newName(@Nullable String stored, @Nullable Placed below, HostStorage.Place place) {
        if (stored == null || below == null) {
            return null;
        }
        try {
            Path meant = FileName.resolve(Path.of(place.directory(), "image"), stored);
            return meant.normalize().equals(Path.of(below.path)) ? null : below.path;
        } catch (StorageException e) {
            return below.path;
        }
    }
}
