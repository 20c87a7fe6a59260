// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import java.util.List;

/** A line of a journal entry. {@code step} counts from 0 in the order of the plan. */
sealed interface JournalRecord {
    /** The first line: the whole plan. */
    record Begin(
            int version,
            String id,
            String verb,
            String uri,
            List<String> domains,
            String at,
            Owner owner,
            List<StepPlan> steps)
            implements JournalRecord {
        static final int VERSION = 1;
    }

    /** Another process has taken the entry over. */
    record Adopted(Owner owner) implements JournalRecord {}

    /** The step may have changed something from here on. */
    record Intent(int step) implements JournalRecord {}

    /** Something that undoing the step needs, such as the inode of a file that the step made. */
    record Fact(int step, String name, String value) implements JournalRecord {}

    record Done(int step) implements JournalRecord {}

    record Failed(int step, String reason) implements JournalRecord {}

    /** Nothing of the step is left. */
    record Undone(int step) implements JournalRecord {}

    /** The operation is over; the file goes next. */
    record End(boolean completed) implements JournalRecord {}
}
