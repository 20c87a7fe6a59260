// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ImageInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides for one file whether it goes, where to, and what it is called there. */
final class FilePlacer {
    private final Move move;
    private final Findings findings;
    private final FilePlan plan;
    private final TargetPlaces places;

    FilePlacer(Move move, Findings findings, FilePlan plan, TargetPlaces places) {
        this.move = move;
        this.findings = findings;
        this.plan = plan;
        this.places = places;
    }

    /** Where a file will be. */
    record Placed(MovedFile.Action action, String path) {}

    /** Plans a file that keeps its name; null where it cannot go. */
    @Nullable
    Placed file(SourceImage image, String role, @Nullable Placed below, @Nullable Placed data) throws IOException {
        return file(image, role, image.fileName(), below, data, List.of(), null);
    }

    /** Plans a file that has another name on the target; null where it cannot go. */
    @Nullable
    Placed file(SourceImage image, String role, String fileName) throws IOException {
        return file(image, role, fileName, null, null, List.of(), null);
    }

    /** Plans the top image of a chain that becomes one, in format {@code stored}; null where it cannot go. */
    @Nullable
    Placed merged(SourceImage top, List<Path> below, ImageFormat stored) throws IOException {
        return file(top, "disk", top.fileName(), null, null, below, stored);
    }

    /**
     * Plans one file.
     *
     * @param fileName what it is called on the target, if it keeps its format
     * @param below where the image below it will be, if it has one
     * @param data where the file that has its data will be, if that is another one
     * @param merged the files below it that become a part of it
     * @param stored the format that it is made into; null to leave it as it is
     * @return null where it cannot go
     */
    private @Nullable Placed file(
            SourceImage image,
            String role,
            String fileName,
            @Nullable Placed below,
            @Nullable Placed data,
            List<Path> merged,
            @Nullable ImageFormat stored)
            throws IOException {
        String path = image.absolutePath().toString();
        MovedFile known = plan.fileAt(path);
        if (known != null) {
            return new Placed(known.action(), known.targetPath());
        }
        String directory = String.valueOf(image.absolutePath().getParent());
        HostStorage.Place place = places.of(directory, path);
        if (place == null) {
            return null;
        }
        if (!place.isActive()) {
            findings.blocker(
                    "pool",
                    "pool '" + place.pool() + "' on the target is not active",
                    "jvirt -c " + ShellWord.quoted(move.request().targetUri()) + " pool start "
                            + ShellWord.quoted(place.pool()));
            return null;
        }
        String targetName = targetName(image, fileName, stored);
        if (isTaken(path, place.directory() + "/" + targetName)) {
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

    /** Whether another file of the machine goes to that place too, which is then a blocker. */
    boolean isTaken(String path, String targetPath) {
        String other = plan.sourceOf(targetPath);
        if (other != null) {
            findings.blocker(
                    "disk",
                    other + " and " + path + " would both be " + targetPath + " on the target",
                    "give one of them another place: --pool-map, jvirt edit " + move.word());
        }
        return other != null;
    }

    static String targetName(SourceImage image, String fileName, @Nullable ImageFormat stored) {
        if (stored != null) {
            return Conversion.nameOf(fileName, stored);
        }
        return image.isDevice() ? Conversion.nameOf(fileName, image.format()) : fileName;
    }

    /** Writes into the plan what becomes of a file. */
    Placed placed(
            SourceImage image,
            String role,
            MovedFile.Action action,
            HostStorage.Place place,
            String targetName,
            long dataBytes) {
        String path = image.absolutePath().toString();
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
