// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.SeenDomain;
import io.jvirt.domain.journal.Step;
import java.util.List;

/**
 * All that {@code set} is going to do.
 *
 * @param seen the domain as the plan found it
 * @param effects what changes, and when it takes effect
 * @param oldDefinition before, without passwords; for showing the difference
 * @param newDefinition after; the same text where only the running machine changes
 */
public record SetPlan(
        SeenDomain seen, List<Effect> effects, String oldDefinition, String newDefinition, List<Step> steps) {
    public String name() {
        return seen.name();
    }

    /** When a change takes effect. */
    public enum When {
        NOW,
        NEXT_START,
        /** The next start goes on from saved memory, which has a definition of its own. */
        AFTER_SAVED_MEMORY,
        NOW_AND_NEXT_START
    }

    /**
     * A change.
     *
     * @param change what is changed, to what
     */
    public record Effect(String change, When when) {
        /** A line for people. */
        public String text() {
            return change
                    + switch (when) {
                        case NOW -> " (now; the next start has the old value)";
                        case NEXT_START -> " (from the next start on)";
                        case AFTER_SAVED_MEMORY ->
                            " (from the start after the next one, which goes on from its saved memory)";
                        case NOW_AND_NEXT_START -> "";
                    };
        }
    }
}
