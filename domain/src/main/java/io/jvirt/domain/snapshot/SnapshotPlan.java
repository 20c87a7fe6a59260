// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import java.util.List;

/**
 * What reverting to a snapshot or deleting it is going to do.
 *
 * @param steps what this program does itself; empty where libvirt does it in one call
 * @param notes what the user should know
 */
public record SnapshotPlan(String domain, String uuid, String snapshot, List<Step> steps, List<String> notes) {
    /** What will be done, a line for each step. */
    public List<String> summaries() {
        return steps.isEmpty()
                ? List.of("have libvirt do it")
                : steps.stream().map(Step::plan).map(StepPlan::summary).toList();
    }
}
