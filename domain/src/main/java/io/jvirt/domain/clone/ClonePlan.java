// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import java.util.List;

/** All that {@code clone} is going to do. */
public final class ClonePlan {
    private final List<ClonedDomain> clones;
    private final List<String> definitions;
    private final List<Step> steps;
    private final List<String> notes;
    private final List<String> journalNames;
    private final IdentityReset identity;

    ClonePlan(
            List<ClonedDomain> clones,
            List<String> definitions,
            List<Step> steps,
            List<String> notes,
            List<String> journalNames,
            IdentityReset identity) {
        this.clones = List.copyOf(clones);
        this.definitions = List.copyOf(definitions);
        this.steps = List.copyOf(steps);
        this.notes = List.copyOf(notes);
        this.identity = identity;
        this.journalNames = List.copyOf(journalNames);
    }

    public List<ClonedDomain> clones() {
        return clones;
    }

    /** The XML of each clone. */
    public List<String> definitions() {
        return definitions;
    }

    List<Step> steps() {
        return steps;
    }

    /** Names and UUIDs of the domains that no other operation may have meanwhile. */
    List<String> journalNames() {
        return journalNames;
    }

    /** What will be done, a line for each step. */
    public List<String> summaries() {
        return steps.stream().map(Step::plan).map(StepPlan::summary).toList();
    }

    /** How the identity is reset; never AUTO. */
    public IdentityReset identity() {
        return identity;
    }

    /** What the user should know. */
    public List<String> notes() {
        return notes;
    }
}
