// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.cloudinit.CloudInit;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes the image that tells a guest at its first boot what it is to be, under a name with random bits; {@link UnstageStep}
 * removes it again. It may hold a password: only its owner can read it, and so is the journal.
 */
public final class SeedStep implements Step {
    static final String KIND = "seed";
    private static final String FILE = "file:";

    private final Path path;
    private final Map<String, String> files;

    public SeedStep(Path path, Map<String, String> files) {
        this.path = path;
        this.files = Map.copyOf(files);
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("path", path.toString());
        files.forEach((name, text) -> p.put(FILE + name, text));
        return new StepPlan(KIND, "make the cloud-init seed " + path, p);
    }

    static SeedStep read(StepPlan plan) {
        Map<String, String> files = new LinkedHashMap<>();
        plan.parameters().forEach((name, text) -> {
            if (name.startsWith(FILE)) {
                files.put(name.substring(FILE.length()), text);
            }
        });
        return new SeedStep(Path.of(Parameters.required(plan, "path")), files);
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Path directory = path.getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        CloudInit.write(files, path);
    }

    @Override
    public void undo(StepContext context) throws Exception {
        Files.deleteIfExists(path);
    }
}
