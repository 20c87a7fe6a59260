// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainLockTest {
    private static final String URI = "qemu:///system";

    @TempDir
    Path state;

    @Test
    void theSecondVerbIsToldWhoHasTheDomain() throws IOException {
        Journal journal = journal();
        try (DomainLock lock = DomainLock.take("set", journal, URI, List.of("web", "u1"))) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> DomainLock.take("rename", journal, URI, List.of("web", "u1")))
                    .isInstanceOfSatisfying(JvirtException.class, e -> {
                        assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
                        assertThat(e.getMessage())
                                .startsWith("domain 'web' is being changed by 'jvirt set web' (pid "
                                        + ProcessHandle.current().pid() + " on ");
                        assertThat(e.hint()).contains("wait for it to end");
                    });
            DomainLock.take("set", journal, URI, List.of("db", "u2")).close();
            DomainLock.take("set", journal, "qemu+ssh://root@other/system", List.of("web", "u1"))
                    .close();
        }
        DomainLock.take("rename", journal, URI, List.of("web", "u1")).close();
        assertThat(journal.entries()).isEmpty();
    }

    /** A verb that calls others keeps its machines from the end of one to the beginning of the next. */
    @Test
    void whatAVerbHasTheVerbsThatItCallsHaveToo() throws IOException {
        Journal journal = journal();
        Journal inside = journal.inside("clone to");
        try (DomainLock outer = DomainLock.take("clone to", journal, URI, List.of("web", "u1"))) {
            assertThat(outer).isNotNull();
            DomainLock.take("clone", inside, URI, List.of("web", "u1")).close();
            try (DomainLock inner = DomainLock.take("migrate", inside, URI, List.of("web", "u1"))) {
                assertThat(inner).isNotNull();
                assertThatThrownBy(() -> DomainLock.take("migrate", inside, URI, List.of("web", "u1")))
                        .hasMessageStartingWith("domain 'web' is being changed by 'jvirt migrate web'");
            }
            assertThatThrownBy(() -> DomainLock.take("start", journal, URI, List.of("web", "u1")))
                    .hasMessageStartingWith("domain 'web' is being changed by 'jvirt clone to web'");
        }
        DomainLock.take("start", journal, URI, List.of("web", "u1")).close();
    }

    @Test
    void whatIsNoDomainIsCalledWhatItIs() throws IOException {
        Journal journal = journal();
        String volume = JournalName.volume("default", "a.raw");
        for (String[] row : new String[][] {
            {"pool-create", JournalName.pool("data"), "pool 'data' is being changed by 'jvirt pool create data' (pid "},
            {"net start", JournalName.network("lan"), "network 'lan' is being changed by 'jvirt net start lan' (pid "},
            {
                "volume-upload",
                volume,
                "volume 'a.raw' of pool 'default' is being changed by 'jvirt volume upload default a.raw' (pid "
            }
        }) {
            try (DomainLock lock = DomainLock.take(row[0], journal, URI, List.of(row[1]))) {
                assertThat(lock).isNotNull();
                assertThatThrownBy(() -> DomainLock.take("other", journal, URI, List.of(row[1])))
                        .isInstanceOf(JvirtException.class)
                        .hasMessageStartingWith(row[2]);
            }
        }
    }

    @Test
    void aLockOfADeadOwnerIsNoLock() throws IOException {
        Journal journal = journal();
        DomainLock left = DomainLock.take("set", journal, URI, List.of("web", "u1"));
        assertThat(left).isNotNull();
        Path entry = journal.entries().get(0).path();
        String pid = "\"pid\":" + ProcessHandle.current().pid();
        Files.writeString(entry, Files.readString(entry).replace(pid, "\"pid\":4194304"));
        DomainLock.take("rename", journal, URI, List.of("web", "u1")).close();
        assertThat(entry).doesNotExist();
    }

    @Test
    void aJournalThatCannotBeWrittenKeepsNobodyFromAMachine() throws IOException {
        Path dangling = Files.createSymbolicLink(state.resolve("dangling"), Path.of("/nonexistent/state"));
        Journal journal = new Journal(dangling, plan -> {
            throw new IllegalStateException();
        });
        DomainLock.take("stop", journal, URI, List.of("web", "u1")).close();
    }

    private Journal journal() {
        return new Journal(state, plan -> {
            throw new IllegalStateException();
        });
    }
}
