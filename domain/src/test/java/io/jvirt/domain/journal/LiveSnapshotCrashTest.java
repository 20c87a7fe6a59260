// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.step.LiveSnapshotDeleteStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The delete of a running domain's snapshot, cut off before and after every record: its memory is there as long as it is. */
class LiveSnapshotCrashTest {
    private static final Operation.Listener QUIET = (plan, undoing) -> {};

    @TempDir
    Path state;

    @TempDir
    Path directory;

    private Host host;
    private Domain domain;
    private Path memory;

    @BeforeEach
    void open() {
        host = Host.open("test:///default");
        domain = host.findDomain("test");
        memory = directory.resolve("test.one.memory");
    }

    @AfterEach
    void close() {
        domain.close();
        host.close();
    }

    private boolean hasSnapshot() {
        try (Snapshot there = Snapshot.named(domain, "one")) {
            return there != null;
        }
    }

    private boolean crashes(int n) throws Exception {
        if (!hasSnapshot()) {
            Snapshot.create(domain, "<domainsnapshot><name>one</name></domainsnapshot>", false, false, false)
                    .close();
            Files.writeString(memory, "remembered");
        }
        LiveSnapshotDeleteStep step = new LiveSnapshotDeleteStep("test", domain.uuid(), "one", memory);
        try (Operation operation = CrashingJournal.at(n, state)
                .begin("snapshot delete", host.uri(), List.of("test", domain.uuid()), List.of(step))) {
            operation.perform(host, new Cancellation(), QUIET);
            return false;
        } catch (CrashingJournal.Crash e) {
            return true;
        }
    }

    @Test
    void theMemoryIsThereAsLongAsTheSnapshotIs() throws Exception {
        for (boolean resume : new boolean[] {false, true}) {
            int n = 0;
            for (; crashes(n); n++) {
                Journal journal = CrashingJournal.at(Integer.MAX_VALUE, state);
                for (JournalEntry entry : journal.entries()) {
                    try (Operation operation = journal.adopt(entry)) {
                        if (resume) {
                            operation.perform(host, new Cancellation(), QUIET);
                        } else {
                            operation.rollback(host, QUIET);
                        }
                    }
                }
                assertThat(Files.exists(memory)).as("cut at %d", n).isEqualTo(hasSnapshot());
            }
            assertThat(n).isGreaterThan(4);
            assertThat(memory).doesNotExist();
        }
    }
}
