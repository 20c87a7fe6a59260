// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.step.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Saved memory in the source's trash is as it was: a machine that is undeleted goes on from it. */
public final class UnlockTrashedStep implements FinalStep {
    static final String KIND = "unlock-trashed";

    private final Path path;

    public UnlockTrashedStep(Path path) {
        this.path = path;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(KIND, "unlock the saved memory in the trash", Map.of("path", path.toString()));
    }

    static UnlockTrashedStep read(StepPlan plan) {
        return new UnlockTrashedStep(Path.of(Parameters.required(plan, "path")));
    }

    @Override
    public void perform(StepContext context) throws IOException {
        if (Files.exists(path)) {
            SavedImage.read(path).lock(false);
        }
    }
}
