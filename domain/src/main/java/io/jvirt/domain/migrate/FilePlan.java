// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.migrate.step.DirectoryPoolStep;
import io.jvirt.domain.migrate.step.ReleasePoolStep;
import io.jvirt.domain.migrate.step.SendStep;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.migrate.step.VerifyStep;
import io.jvirt.domain.transfer.Fingerprint;
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
    private final List<Step> sends = new ArrayList<>();
    private final List<Step> checks = new ArrayList<>();

    void add(MovedFile file) {
        files.add(file);
    }

    void place(String path, String targetPath, @Nullable String pool) {
        destinations.put(path, new Destination(targetPath, pool));
    }

    void open(String directory, String pool) {
        openedPools.put(directory, pool);
    }

    void send(Shipment shipment, long dataBytes, long bytesPerSecond, boolean isVerified) {
        sends.add(new SendStep(shipment, dataBytes, bytesPerSecond));
        if (isVerified) {
            checks.add(new VerifyStep(shipment));
        }
    }

    void reuse(Shipment shipment) {
        checks.add(new VerifyStep(shipment));
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
            if (file.action() != MovedFile.Action.SHARED) {
                found.put(file.path(), Fingerprint.of(Path.of(file.path())));
            }
        }
        return found;
    }

    /** Before the definition goes. */
    List<Step> copySteps(String uri) {
        List<Step> steps = new ArrayList<>();
        openedPools.forEach((directory, pool) -> steps.add(new DirectoryPoolStep(uri, pool, directory)));
        steps.addAll(sends);
        steps.addAll(checks);
        return steps;
    }

    /** After the domain has moved. */
    List<Step> releaseSteps(String uri) {
        List<Step> steps = new ArrayList<>();
        openedPools.forEach((directory, pool) -> steps.add(new ReleasePoolStep(uri, pool)));
        return steps;
    }
}
