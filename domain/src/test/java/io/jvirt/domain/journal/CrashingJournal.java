// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

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

    /** What the next process does about all that "crashed": it goes on or takes it back, and nothing of it is left. */
    static void recover(Path state, Host host, boolean resume) throws Exception {
        removeVoidEntries(state);
        Journal journal = at(Integer.MAX_VALUE, state);
        for (JournalEntry entry : journal.entries()) {
            try (Operation operation = journal.adopt(entry)) {
                if (resume) {
                    operation.perform(host, new Cancellation(), (plan, undoing) -> {});
                } else {
                    operation.rollback(host, (plan, undoing) -> {});
                }
            } catch (JvirtException e) {
                // Past the point of no return there is only the way forward.
                assertThat(e.getMessage()).startsWith("this cannot be undone any more");
                recover(state, host, true);
            }
        }
        assertThat(journal.entries()).isEmpty();
    }

    /** What is left of a crash before the first record is an empty file; a later look removes it, here its age would not do. */
    static void removeVoidEntries(Path state) throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("journal"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
                if (Files.size(file) == 0) {
                    Files.delete(file);
                }
            }
        }
    }
}
