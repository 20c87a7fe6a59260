// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.journal.SeenDomain;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import java.util.List;

/** All that {@code delete} is going to do. */
public final class DeletePlan {
    private final SeenDomain seen;
    private final DeletedDomain domain;
    private final List<Step> steps;
    private final List<String> notes;

    DeletePlan(SeenDomain seen, DeletedDomain domain, List<Step> steps, List<String> notes) {
        this.seen = seen;
        this.domain = domain;
        this.steps = List.copyOf(steps);
        this.notes = List.copyOf(notes);
    }

    public DeletedDomain domain() {
        return domain;
    }

    /** The domain as the plan found it. */
    SeenDomain seen() {
        return seen;
    }

    List<Step> steps() {
        return steps;
    }

    /** What will be done, a line for each step. */
    public List<String> summaries() {
        return steps.stream().map(Step::plan).map(StepPlan::summary).toList();
    }

    /** What the user should know: disks that are left, and why. */
    public List<String> notes() {
        return notes;
    }
}
