// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.ResumableException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** jvirt is killed, and libvirt merges on what it was asked for: the file with the memory goes when that has ended, not before. */
class LiveSnapshotDeleteStepTest {
    @TempDir
    Path directory;

    private Host host;
    private Domain domain;
    private Path memory;
    private int looks;

    @BeforeEach
    void open() throws IOException {
        host = Host.open("test:///default");
        domain = host.findDomain("test");
        Snapshot.create(domain, "<domainsnapshot><name>one</name></domainsnapshot>", false, false, false)
                .close();
        memory = Files.writeString(directory.resolve("test.one.memory"), "remembered");
    }

    @AfterEach
    void close() {
        deleteSnapshot();
        domain.close();
        host.close();
    }

    private void deleteSnapshot() {
        try (Snapshot there = Snapshot.named(domain, "one")) {
            if (there != null) {
                there.delete(false);
            }
        }
    }

    private LiveSnapshotDeleteStep step(Predicate<Domain> isMerging, Duration patience) throws IOException {
        return new LiveSnapshotDeleteStep(
                "test", domain.uuid(), "one", memory, FileIdentity.of(memory), isMerging, patience);
    }

    /** libvirt ends at the third look. */
    private boolean merges(Domain merging) {
        if (++looks == 3) {
            deleteSnapshot();
        }
        return looks < 3;
    }

    private AloneContext afterTheCrash() {
        AloneContext context = new AloneContext(host);
        context.notes().putAll(Map.of("asked", "yes"));
        return context;
    }

    @Test
    void eachWayWaitsForWhatLibvirtWasAsked() throws Exception {
        step(this::merges, Duration.ofMinutes(1)).undo(afterTheCrash());
        assertThat(memory).doesNotExist();
        assertThat(looks).isEqualTo(3);
    }

    @Test
    void forwardToo() throws Exception {
        step(this::merges, Duration.ofMinutes(1)).perform(afterTheCrash());
        assertThat(memory).doesNotExist();
        assertThat(looks).isEqualTo(3);
    }

    @Test
    void whereItTakesLongTheEntryStaysAndSaysWhatToDo() throws Exception {
        assertThatThrownBy(() -> step(d -> true, Duration.ZERO).undo(afterTheCrash()))
                .isInstanceOf(ResumableException.class)
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e.kind()).isEqualTo(JvirtException.Kind.NEEDS_RECOVERY);
                    assertThat(e.getMessage())
                            .isEqualTo("libvirt is still merging snapshot 'one' of domain 'test', and until it has, its"
                                    + " memory stays in " + memory);
                    assertThat(e.hint())
                            .isEqualTo("when that has ended (jvirt snapshot list test): jvirt recover test --rollback");
                });
        assertThat(memory).exists();
    }

    @Test
    void whatLibvirtWasNotAskedIsNotWaitedFor() throws Exception {
        step(d -> true, Duration.ZERO).undo(new AloneContext(host));
        assertThat(memory).exists();
        step(d -> true, Duration.ZERO).perform(new AloneContext(host));
        assertThat(memory).doesNotExist();
    }
}
