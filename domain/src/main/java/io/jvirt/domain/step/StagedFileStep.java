// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies a file to where QEMU can read it, under a name with random bits; {@link UnstageStep} removes it again. */
public final class StagedFileStep implements Step {
    static final String KIND = "staged-file";

    private final Path source;
    private final Path copy;

    public StagedFileStep(Path source, Path copy) {
        this.source = source;
        this.copy = copy;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("source", source.toString());
        p.put("copy", copy.toString());
        return new StepPlan(KIND, "copy " + source + " for the installer's start", p);
    }

    static StagedFileStep read(StepPlan plan) {
        return new StagedFileStep(
                Path.of(Parameters.required(plan, "source")), Path.of(Parameters.required(plan, "copy")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Path directory = copy.getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Files.copy(source, copy);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
    }

    @Override
    public void undo(StepContext context) throws Exception {
        Files.deleteIfExists(copy);
    }
}
