// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Removes what {@link StagedFileStep} copied, once QEMU has read it. */
public final class UnstageStep implements Step {
    static final String KIND = "unstage";

    private final Path copy;

    public UnstageStep(Path copy) {
        this.copy = copy;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(KIND, "remove the copy " + copy, Map.of("copy", copy.toString()));
    }

    static UnstageStep read(StepPlan plan) {
        return new UnstageStep(Path.of(Parameters.required(plan, "copy")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        Files.deleteIfExists(copy);
    }

    /** Nothing: the copy is gone either way. */
    @Override
    public void undo(StepContext context) {}
}
