// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.JvirtException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A journal that cannot be made, read or written, or that somebody else has. */
class JournalTroubleTest {
    private static final String URI = "test:///default";
    private static final Operation.Listener QUIET = (plan, undoing) -> {};
    private static final String ELSEWHERE = "is its file system full or read-only? JVIRT_STATE names another directory";

    @TempDir
    Path state;

    private record Nothing() implements Step {
        @Override
        public StepPlan plan() {
            return new StepPlan("nothing", "do nothing", Map.of());
        }

        @Override
        public void perform(StepContext context) {}

        @Override
        public void undo(StepContext context) {}
    }

    private static Journal journal(Path state, JournalFile.Boundary boundary) {
        return new Journal(state, plan -> new Nothing(), boundary);
    }

    private Journal journal() {
        return journal(state, JournalFile.Boundary.NONE);
    }

    private static void fails(ThrowingCallable call, Kind kind, String message, String hint) {
        assertThatThrownBy(call).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage(message);
            assertThat(e.hint()).isEqualTo(hint);
            assertThat(e.kind()).isEqualTo(kind);
        });
    }

    private static Operation begin(Journal journal) throws IOException {
        return journal.begin("set", URI, List.of("web"), List.of(new Nothing(), new Nothing()));
    }

    @Test
    void itsDirectoryCannotBeMade() {
        fails(
                () -> begin(journal(Path.of("/proc/jvirt"), JournalFile.Boundary.NONE)),
                Kind.FAILED,
                "cannot make the journal /proc/jvirt/journal: no such file or directory",
                ELSEWHERE);
    }

    @Test
    void itIsNoDirectory() throws IOException {
        Files.writeString(state.resolve("journal"), "");
        fails(
                () -> journal().entries(),
                Kind.FAILED,
                "cannot read the journal " + state + "/journal: not a directory",
                ELSEWHERE);
    }

    @Test
    void itIsAnotherUsers() {
        JvirtException denied = Journal.unusable("cannot read the journal /j: ", new AccessDeniedException("/j"));
        assertThat(denied).hasMessage("cannot read the journal /j: permission denied");
        assertThat(denied.hint()).isEqualTo("run it as root, or set JVIRT_STATE to a directory of your own");
        assertThat(denied.kind()).isEqualTo(Kind.FAILED);
    }

    /** @param from which record is the first that the disk has no room for */
    private static JournalFile.Boundary full(int from) {
        int[] left = {from};
        return new JournalFile.Boundary() {
            @Override
            public void before(JournalRecord record) throws IOException {
                if (left[0]-- <= 0) {
                    throw new IOException("No space left on device");
                }
            }

            @Override
            public void after(JournalRecord record) {}
        };
    }

    @Test
    void theDiskIsFullBeforeAnythingHasBegun() throws IOException {
        assertThatThrownBy(() -> begin(journal(state, full(0)))).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e.getMessage())
                    .matches("cannot write to the journal " + state
                            + "/journal/set-[0-9a-f]{8}\\.jsonl: No space left on device");
            assertThat(e.hint()).isEqualTo(ELSEWHERE);
            assertThat(e.kind()).isEqualTo(Kind.FAILED);
        });
        try (var left = Files.list(state.resolve("journal"))) {
            assertThat(left).extracting(Path::getFileName).containsExactly(Path.of(".lock"));
        }
    }

    @Test
    void theDiskIsFullInTheMiddle() throws Exception {
        for (int at = 1; at < 5; at++) {
            try (Operation operation = begin(journal(state, full(at)))) {
                String path = journal().entries().get(0).path().toString();
                assertThatThrownBy(() -> operation.perform(null, new Cancellation(), QUIET))
                        .isInstanceOfSatisfying(JvirtException.class, e -> {
                            String text = "cannot write to the journal " + path + ": No space left on device";
                            assertThat(e).hasMessage(text + "; and it could not be rolled back: " + text);
                            assertThat(e.hint())
                                    .startsWith("mend the cause, then: jvirt recover set-")
                                    .endsWith("back");
                            assertThat(e.kind()).isEqualTo(Kind.NEEDS_RECOVERY);
                        });
            }
            try (Operation again = journal().adopt(journal().find("web"))) {
                again.rollback(null, QUIET);
            }
            assertThat(journal().entries()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[]|not a record: []",
                "{'record':'undone','step':'one'}|a field is missing or of the wrong type: {'record':'undone','step':'one'}",
                "{'record':'tea'}|unknown record 'tea'",
                "{'record':'undone'}|no field 'step'",
                "{'record':1.5}|unexpected JSON VALUE_NUMBER_FLOAT",
                "{'record':'undone','step':1}|it does not start with a known begin record",
            })
    void anEntryIsDamaged(String line, String reason) throws IOException {
        Path file = Files.createDirectories(state.resolve("journal")).resolve("set-1.jsonl");
        Files.writeString(file, line.replace('\'', '"') + "\n");
        fails(
                () -> journal().entries(),
                Kind.NEEDS_RECOVERY,
                "the journal entry " + file + " cannot be read: "
                        + (reason.contains("{") ? reason.replace('\'', '"') : reason),
                "look at what it names, mend that by hand, then remove the file");
    }

    @Test
    void anotherHostsOperationIsNotTakenOver() throws Exception {
        begin(journal()).close();
        JournalEntry entry = journal().find("web");
        try (JournalFile file = JournalFile.resume(entry.path(), JournalFile.Boundary.NONE)) {
            file.append(new JournalRecord.Adopted(new Owner(7, 1, "another boot", "kvm2", "jvirt set web")));
        }
        fails(
                () -> journal().adopt(entry),
                Kind.REFUSED,
                "'jvirt set web' is still running (pid 7 on kvm2)",
                "wait for it to end, or interrupt it: kill 7");
    }

    @Test
    void whatRollsBackDoesNotGoForward() throws Exception {
        try (Operation operation = begin(journal())) {
            operation.append(new JournalRecord.Intent(0));
            operation.append(new JournalRecord.Failed(0, "no"));
            operation.append(new JournalRecord.Undone(0));
        }
        JournalEntry entry = journal().find("web");
        try (Operation operation = journal().adopt(entry)) {
            fails(
                    () -> operation.perform(null, new Cancellation(), QUIET),
                    Kind.REFUSED,
                    "'" + entry.id() + "' has begun to roll back and cannot go forward",
                    "jvirt recover " + entry.id() + " --rollback");
        }
    }
}
