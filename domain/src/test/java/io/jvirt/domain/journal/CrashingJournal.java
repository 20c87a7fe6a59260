// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.step.Steps;
import java.nio.file.Path;

/** Journals whose process "dies" before or after a chosen record. */
final class CrashingJournal {
    /** The death of the process: no code of the product may catch it. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1;
    }

    private CrashingJournal() {}

    /** @param crashAt how many boundaries of records, before and after each, it passes first */
    static Journal at(int crashAt, Path state) {
        int[] left = {crashAt};
        return new Journal(state, Steps::read, new JournalFile.Boundary() {
            @Override
            public void before(JournalRecord record) {
                pass();
            }

            @Override
            public void after(JournalRecord record) {
                pass();
            }

            private void pass() {
                if (left[0]-- == 0) {
                    throw new Crash();
                }
            }
        });
    }
}
