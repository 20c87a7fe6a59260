// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.migrate.step.DirectoryPoolStep;
import io.jvirt.domain.migrate.step.RefreshStep;
import io.jvirt.domain.migrate.step.ReleasePoolStep;
import io.jvirt.domain.migrate.step.SendStep;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.migrate.step.TargetVolumeStep;
import io.jvirt.domain.migrate.step.VerifyStep;
import io.jvirt.domain.transfer.Fingerprint;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of a domain's files. */
final class FilePlan {
    /**
     * Where the definition finds a file on the target.
     *
     * @param pool a pool of the target's own, or null
     */
    record Destination(String path, @Nullable String pool) {}

    private final List<MovedFile> files = new ArrayList<>();
    private final Map<String, Destination> destinations = new HashMap<>();
    private final Map<String, String> openedPools = new LinkedHashMap<>();
    private final Map<String, ImageFormat> converted = new HashMap<>();
    private final List<Sent> sent = new ArrayList<>();
    private final List<Step> reuses = new ArrayList<>();
    private final List<LiveDisk> live = new ArrayList<>();

    /**
     * A running domain's disk.
     *
     * @param disk its target name
     */
    private record LiveDisk(String disk, String pool, String path, String format, long sizeBytes) {}

    /** A file that travels. */
    private record Sent(Shipment shipment, String role, long dataBytes, long bytesPerSecond, boolean isVerified) {
        Step send() {
            return new SendStep(shipment, dataBytes, bytesPerSecond);
        }

        List<Step> check() {
            return isVerified ? List.of(new VerifyStep(shipment)) : List.of();
        }
    }

    void add(MovedFile file) {
        files.add(file);
    }

    void place(String path, String targetPath, @Nullable String pool) {
        destinations.put(path, new Destination(targetPath, pool));
    }

    /** The image there is made of what the guest sees here. */
    void convert(String path, ImageFormat format) {
        converted.put(path, format);
    }

    /** The format of an image that is made of what the guest sees; null for one that is as it is. */
    @Nullable
    ImageFormat convertedFormat(String path) {
        return converted.get(path);
    }

    boolean convertsAny() {
        return !converted.isEmpty();
    }

    void open(String directory, String pool) {
        openedPools.put(directory, pool);
    }

    void send(Shipment shipment, String role, long dataBytes, long bytesPerSecond, boolean isVerified) {
        sent.add(new Sent(shipment, role, dataBytes, bytesPerSecond, isVerified));
    }

    void copyLive(String disk, String pool, String path, String format, long sizeBytes) {
        live.add(new LiveDisk(disk, pool, path, format, sizeBytes));
    }

    List<String> liveDisks() {
        return live.stream().map(LiveDisk::disk).toList();
    }

    /** What a running domain's disks are copied into. */
    List<Step> liveSteps(String uri) {
        List<Step> steps = new ArrayList<>();
        openedPools.forEach((directory, pool) -> steps.add(new DirectoryPoolStep(uri, pool, directory)));
        live.forEach(disk ->
                steps.add(new TargetVolumeStep(uri, disk.pool(), disk.path(), disk.format(), disk.sizeBytes())));
        return steps;
    }

    void reuse(Shipment shipment) {
        reuses.add(VerifyStep.ofReused(shipment));
    }

    List<MovedFile> files() {
        return files;
    }

    void trashed(MovedFile file) {
        files.set(files.indexOf(file), file.trashed());
    }

    @Nullable
    MovedFile fileAt(String path) {
        for (MovedFile file : files) {
            if (file.path().equals(path)) {
                return file;
            }
        }
        return null;
    }

    /** The file that goes to that place, or null. */
    @Nullable
    String sourceOf(String targetPath) {
        for (MovedFile file : files) {
            if (file.targetPath().equals(targetPath) && file.action() != MovedFile.Action.FLATTEN) {
                return file.path();
            }
        }
        return null;
    }

    /** Null where the file is none of those that were planned. */
    @Nullable
    Destination destinationOf(String path) {
        return destinations.get(path);
    }

    long dataBytes() {
        return files.stream().mapToLong(MovedFile::dataBytes).sum();
    }

    /** What the files that are sent were like when they were planned. */
    Map<String, String> fingerprints() throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        for (MovedFile file : files) {
            // Saved memory is looked at when it is locked.
            if (file.action() != MovedFile.Action.SHARED && !file.role().equals(SavedMemory.ROLE)) {
                found.put(file.path(), Fingerprint.of(Path.of(file.path())));
            }
        }
        return found;
    }

    /** Before the definition goes. */
    List<Step> copySteps(String uri) {
        List<Step> steps = new ArrayList<>();
        openedPools.forEach((directory, pool) -> steps.add(new DirectoryPoolStep(uri, pool, directory)));
        // First of all, since it may turn out that nothing can be sent.
        steps.addAll(reuses);
        sent.forEach(file -> steps.add(file.send()));
        sent.forEach(file -> steps.addAll(file.check()));
        return steps;
    }

    /** While the domain runs: the disks. What lies below the images that it writes to is final. */
    List<Step> copyStepsOfRunning(String uri) {
        List<Step> steps = new ArrayList<>();
        openedPools.forEach((directory, pool) -> steps.add(new DirectoryPoolStep(uri, pool, directory)));
        steps.addAll(reuses);
        for (Sent file : sent) {
            if (isDisk(file.role())) {
                steps.add(file.send());
            }
        }
        for (Sent file : sent) {
            if (file.role().equals("backing")) {
                steps.addAll(file.check());
            }
        }
        return steps;
    }

    /** When it has stopped: what it has changed since, and what else it writes to. */
    List<Step> updateSteps() {
        List<Step> steps = new ArrayList<>();
        for (Sent file : sent) {
            if (!isDisk(file.role())) {
                steps.add(file.send());
            } else if (!file.role().equals("backing")) {
                steps.add(new RefreshStep(file.shipment(), file.bytesPerSecond()));
            }
        }
        for (Sent file : sent) {
            if (!file.role().equals("backing")) {
                steps.addAll(file.check());
            }
        }
        return steps;
    }

    /** The saved memory among what is sent, or null. */
    @Nullable
    Shipment savedMemory() {
        return sent.stream()
                .map(Sent::shipment)
                .filter(shipment -> shipment.form() == Shipment.Form.SAVED)
                .findFirst()
                .orElse(null);
    }

    static boolean isDisk(String role) {
        return role.equals("disk") || role.equals("data") || role.equals("backing");
    }

    /** After the domain has moved. */
    List<Step> releaseSteps(String uri) {
        List<Step> steps = new ArrayList<>();
        openedPools.forEach((directory, pool) -> steps.add(new ReleasePoolStep(uri, pool)));
        return steps;
    }
}
