// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final String URI = "test:///default";
    private static final Operation.Listener QUIET = (plan, undoing) -> {};

    @TempDir
    Path state;

    @TempDir
    Path work;

    /** Ends the work where it stands, as a crash does: no catch clause of the product sees it. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Crashes at the n-th boundary: even numbers before a record is written, odd ones after it is synced. */
    private static JournalFile.Boundary crashAt(int n) {
        int[] left = {n};
        return new JournalFile.Boundary() {
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
        };
    }

    /** Makes two files, the second only after the first: a crash may also fall between them. */
    private record TwoFiles(Path directory, String name, boolean isUndoable, boolean fails) implements Step {
        @Override
        public StepPlan plan() {
            return new StepPlan(
                    "two-files",
                    "make " + name,
                    Map.of(
                            "directory", directory.toString(),
                            "name", name,
                            "undoable", Boolean.toString(isUndoable),
                            "fails", Boolean.toString(fails)));
        }

        static Step read(StepPlan plan) {
            return new TwoFiles(
                    Path.of(plan.parameters().get("directory")),
                    plan.parameters().get("name"),
                    Boolean.parseBoolean(plan.parameters().get("undoable")),
                    Boolean.parseBoolean(plan.parameters().get("fails")));
        }

        @Override
        public void perform(StepContext context) throws Exception {
            Files.writeString(directory.resolve(name + ".1"), "1");
            context.note("made", name + ".1");
            if (fails) {
                throw JvirtException.failed("no space left for " + name, "make room");
            }
            Files.writeString(directory.resolve(name + ".2"), "2");
        }

        @Override
        public void undo(StepContext context) throws Exception {
            Files.deleteIfExists(directory.resolve(name + ".2"));
            Files.deleteIfExists(directory.resolve(name + ".1"));
        }
    }

    private Journal journal(JournalFile.Boundary boundary) {
        return new Journal(state, TwoFiles::read, boundary);
    }

    private Journal journal() {
        return journal(JournalFile.Boundary.NONE);
    }

    private List<Step> steps(boolean lastFails) {
        return List.of(
                new TwoFiles(work, "a", true, false),
                new TwoFiles(work, "b", true, false),
                new TwoFiles(work, "c", true, lastFails));
    }

    private List<String> made() throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private long entryFiles() throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("journal"))) {
            return files.filter(f -> f.toString().endsWith(".jsonl")).count();
        }
    }

    private static final List<String> ALL = List.of("a.1", "a.2", "b.1", "b.2", "c.1", "c.2");

    @Test
    void leavesNoEntryWhenAllIsDone() throws Exception {
        try (Operation operation = journal().begin("create", URI, List.of("web"), steps(false))) {
            operation.perform(null, new Cancellation(), QUIET);
        }
        assertThat(made()).isEqualTo(ALL);
        assertThat(entryFiles()).isZero();
    }

    @Test
    void undoesEverythingWhenAStepFails() throws Exception {
        List<String> told = new ArrayList<>();
        try (Operation operation = journal().begin("create", URI, List.of("web"), steps(true))) {
            assertThatThrownBy(() -> operation.perform(
                            null,
                            new Cancellation(),
                            (plan, undoing) -> told.add((undoing ? "-" : "+") + plan.summary())))
                    .hasMessage("no space left for c");
        }
        assertThat(told).containsExactly("+make a", "+make b", "+make c", "-make c", "-make b", "-make a");
        assertThat(made()).isEmpty();
        assertThat(entryFiles()).isZero();
    }

    @Test
    void undoesEverythingWhenTheUserAsksToStop() throws Exception {
        Cancellation cancellation = new Cancellation();
        try (Operation operation = journal().begin("create", URI, List.of("web"), steps(false))) {
            assertThatThrownBy(() -> operation.perform(null, cancellation, (plan, undoing) -> {
                        if (plan.summary().equals("make b")) {
                            cancellation.request();
                        }
                    }))
                    .isInstanceOfSatisfying(
                            JvirtException.class, e -> assertThat(e.kind()).isEqualTo(JvirtException.Kind.INTERRUPTED));
        }
        assertThat(made()).isEmpty();
        assertThat(entryFiles()).isZero();
    }

    /** A crash at every boundary of every record, then a rollback in which a crash at every boundary happens too. */
    @Test
    void rollsBackAfterACrashAnywhere() throws Exception {
        for (int n = 0; crashes(n, false); n++) {
            if (journal().entries().isEmpty() && made().equals(ALL)) {
                // The end was written: nothing is unfinished.
                removeWhatWasMade();
                continue;
            }
            for (int m = 0; recoveryCrashes(m, false); m++) {
                assertThat(m).isLessThan(40);
            }
            assertThat(made()).as("crash %d", n).isEmpty();
            assertThat(entryFiles()).isZero();
        }
    }

    @Test
    void finishesAfterACrashAnywhere() throws Exception {
        for (int n = 0; crashes(n, false); n++) {
            boolean wasWrittenDown = !journal().entries().isEmpty();
            for (int m = 0; recoveryCrashes(m, true); m++) {
                assertThat(m).isLessThan(40);
            }
            assertThat(made()).as("crash %d", n).isIn(wasWrittenDown ? List.of(ALL) : List.of(List.of(), ALL));
            assertThat(entryFiles()).isZero();
            removeWhatWasMade();
        }
    }

    @Test
    void rollsBackAfterACrashInTheRollback() throws Exception {
        for (int n = 0; crashes(n, true); n++) {
            for (int m = 0; recoveryCrashes(m, false); m++) {
                assertThat(m).isLessThan(40);
            }
            assertThat(made()).as("crash %d", n).isEmpty();
            assertThat(entryFiles()).isZero();
        }
    }

    /** Runs with a crash at the n-th boundary; false where the run ended before it. */
    private boolean crashes(int n, boolean lastFails) throws Exception {
        try (Operation operation = journal(crashAt(n)).begin("create", URI, List.of("web"), steps(lastFails))) {
            operation.perform(null, new Cancellation(), QUIET);
        } catch (Crash e) {
            CrashingJournal.removeVoidEntries(state);
            return true;
        } catch (JvirtException e) {
            assertThat(e).hasMessageStartingWith("no space left");
        }
        removeWhatWasMade();
        return false;
    }

    private void removeWhatWasMade() throws IOException {
        for (String name : made()) {
            Files.delete(work.resolve(name));
        }
    }

    private boolean recoveryCrashes(int m, boolean resume) throws Exception {
        Journal journal = journal(crashAt(m));
        List<JournalEntry> entries = journal.entries();
        if (entries.isEmpty()) {
            return false;
        }
        assertThat(entries).hasSize(1);
        try (Operation operation = journal.adopt(entries.get(0))) {
            if (resume) {
                operation.perform(null, new Cancellation(), QUIET);
            } else {
                operation.rollback(null, QUIET);
            }
        } catch (Crash e) {
            return true;
        }
        return false;
    }

    @Test
    void treatsATornLastLineAsNotWritten() throws Exception {
        for (int cut = 1; cut < 60; cut++) {
            try (Operation operation = journal().begin("create", URI, List.of("web"), steps(false))) {
                operation.append(new JournalRecord.Intent(0));
            }
            JournalEntry entry = journal().entries().get(0);
            Files.writeString(work.resolve("a.1"), "1");
            String whole = Files.readString(entry.path());
            String next = JournalJson.write(new JournalRecord.Fact(0, "made", "a.1 and a long value")) + "\n";
            Files.writeString(entry.path(), next.substring(0, cut), StandardOpenOption.APPEND);
            JournalEntry read = journal().find("web");
            assertThat(read.progress(0)).isEqualTo(JournalEntry.Progress.BEGUN);
            assertThat(read.fact(0, "made")).isNull();
            try (Operation operation = journal().adopt(read)) {
                assertThat(Files.readString(entry.path())).startsWith(whole + "{\"record\":\"adopted\"");
                operation.rollback(null, QUIET);
            }
            assertThat(made()).isEmpty();
        }
    }

    @Test
    void refusesASecondOperationOnTheSameDomainNamingItsOwner() throws Exception {
        Journal journal = journal();
        try (Operation first =
                journal.begin("create", URI, List.of("web", "11111111-2222-3333-4444-555555555555"), steps(false))) {
            for (String domain : List.of("web", "11111111-2222-3333-4444-555555555555")) {
                assertThatThrownBy(() -> journal.begin("delete", URI, List.of(domain), steps(false)))
                        .isInstanceOfSatisfying(JvirtException.class, e -> {
                            assertThat(e.kind()).isEqualTo(JvirtException.Kind.REFUSED);
                            assertThat(e)
                                    .hasMessageStartingWith("domain 'web' is being changed by 'jvirt create web' (pid "
                                            + ProcessHandle.current().pid() + " on " + Owner.hostnameOfThisMachine());
                            assertThat(e.hint())
                                    .endsWith("kill " + ProcessHandle.current().pid());
                        });
            }
            journal.begin("create", URI, List.of("other"), steps(false)).perform(null, new Cancellation(), QUIET);
            journal.begin("create", "qemu:///system", List.of("web"), steps(false))
                    .perform(null, new Cancellation(), QUIET);
            first.perform(null, new Cancellation(), QUIET);
        }
    }

    @Test
    void asksForRecoveryWhereTheOwnerIsDead() throws Exception {
        Journal journal = journal();
        journal.begin("create", URI, List.of("web"), steps(false)).close();
        JournalEntry entry = journal.entries().get(0);
        kill(entry);
        assertThatThrownBy(() -> journal.begin("delete", URI, List.of("web"), steps(false)))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e.kind()).isEqualTo(JvirtException.Kind.NEEDS_RECOVERY);
                    assertThat(e).hasMessageContaining("'jvirt create web' of").hasMessageContaining("was cut off");
                    assertThat(e.hint()).isEqualTo("jvirt recover " + entry.id() + " --rollback (or --resume)");
                });
    }

    @Test
    void namesOnlyTheWayBackWhereSomethingIsUndone() throws Exception {
        Journal journal = journal();
        journal.begin("create", URI, List.of("web"), steps(false)).close();
        JournalEntry entry = journal.entries().get(0);
        try (JournalFile file = JournalFile.resume(entry.path(), JournalFile.Boundary.NONE)) {
            file.append(new JournalRecord.Intent(0));
            file.append(new JournalRecord.Undone(0));
        }
        kill(entry);
        assertThatThrownBy(() -> journal.begin("delete", URI, List.of("web"), steps(false)))
                .isInstanceOfSatisfying(
                        JvirtException.class,
                        e -> assertThat(e.hint()).isEqualTo("jvirt recover " + entry.id() + " --rollback"));
    }

    /** Says how far it is, then the process ends, without a sync. */
    private record Counting() implements Step {
        @Override
        public StepPlan plan() {
            return new StepPlan("counting", "count", Map.of());
        }

        @Override
        public boolean isResumable() {
            return true;
        }

        @Override
        public void perform(StepContext context) throws Exception {
            context.noteProgress("done", "16");
            context.noteProgress("done", "32");
            assertThat(context.noted("done")).isEqualTo("32");
            throw new Crash();
        }

        @Override
        public void undo(StepContext context) {}
    }

    @Test
    void keepsHowFarAStepIsWhenTheProcessEnds() throws Exception {
        try (Operation operation = journal().begin("migrate", URI, List.of("web"), List.of(new Counting()))) {
            assertThatThrownBy(() -> operation.perform(null, new Cancellation(), QUIET))
                    .isInstanceOf(Crash.class);
        }
        assertThat(journal().entries().get(0).fact(0, "done")).isEqualTo("32");
    }

    @Test
    void leavesALentConnectionToItsOwner() throws Exception {
        try (Host other = Host.open(URI)) {
            List<Host> seen = new ArrayList<>();
            Step step = new Asking(seen);
            try (Operation operation = journal().begin("migrate", URI, List.of("web"), List.of(step))) {
                operation.lend(URI, other).perform(null, new Cancellation(), QUIET);
            }
            assertThat(seen).containsExactly(other);
            assertThat(other.isAlive()).isTrue();
        }
    }

    /** Asks for a host. */
    private record Asking(List<Host> seen) implements Step {
        @Override
        public StepPlan plan() {
            return new StepPlan("asking", "ask", Map.of());
        }

        @Override
        public void perform(StepContext context) {
            seen.add(context.host(URI));
        }

        @Override
        public void undo(StepContext context) {}
    }

    /** Gives the entry to a process that is dead: the same number, started at another time. */
    private static void kill(JournalEntry entry) throws IOException {
        Owner o = entry.owner();
        try (JournalFile file = JournalFile.resume(entry.path(), JournalFile.Boundary.NONE)) {
            file.append(new JournalRecord.Adopted(
                    new Owner(o.pid(), o.startTicks() - 1, o.bootId(), o.hostname(), o.command())));
        }
    }

    @Test
    void tellsADeadOwnerFromALiveOne() {
        Owner me = Owner.current("jvirt test");
        assertThat(me.mayBeAlive()).isTrue();
        assertThat(new Owner(me.pid(), me.startTicks() + 1, me.bootId(), me.hostname(), "x").mayBeAlive())
                .isFalse();
        assertThat(new Owner(1L << 22, 5, me.bootId(), me.hostname(), "x").mayBeAlive())
                .isFalse();
        assertThat(new Owner(me.pid(), me.startTicks(), "another boot", me.hostname(), "x").mayBeAlive())
                .isFalse();
        // What another machine runs cannot be known from here.
        assertThat(new Owner(1, 1, "another boot", "another-host", "x").mayBeAlive())
                .isTrue();
    }

    @Test
    void saysWhichEntryIsDamaged() throws Exception {
        journal().begin("create", URI, List.of("web"), steps(false)).close();
        Path file = journal().entries().get(0).path();
        Files.writeString(file, "{\"record\":\"done\"}\n{}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> journal().entries()).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.NEEDS_RECOVERY);
            assertThat(e).hasMessageContaining(file.toString());
        });
    }

    @Test
    void doesNotGoBackBehindAStepThatCannotBeUndone() throws Exception {
        List<Step> steps = List.of(
                new TwoFiles(work, "a", true, false),
                new TwoFiles(work, "b", false, false),
                new TwoFiles(work, "c", true, true));
        try (Operation operation = journal().begin("delete", URI, List.of("web"), steps)) {
            assertThatThrownBy(() -> operation.perform(null, new Cancellation(), QUIET))
                    .isInstanceOfSatisfying(JvirtException.class, e -> {
                        assertThat(e.kind()).isEqualTo(JvirtException.Kind.NEEDS_RECOVERY);
                        assertThat(e)
                                .hasMessage("no space left for c; and it could not be rolled back: "
                                        + "this cannot be undone any more: make b");
                        assertThat(e.hint()).endsWith("--resume");
                    });
        }
        assertThat(made()).contains("a.1", "b.2");
        assertThat(journal().entries()).hasSize(1);
        assertThat(journal().entries().get(0).failure()).isEqualTo("no space left for c");
    }

    @Test
    void findsNothingWhereThereIsNoJournal() throws Exception {
        assertThat(new Journal(state.resolve("none"), TwoFiles::read).entries()).isEmpty();
        assertThatThrownBy(() -> journal().find("create-1"))
                .isInstanceOfSatisfying(
                        JvirtException.class, e -> assertThat(e.kind()).isEqualTo(JvirtException.Kind.NOT_FOUND));
    }

    @Test
    void keepsItsStateWhereTheUserMayWrite() {
        assertThat(StateDirectory.of(Map.of(), "root", "/root")).isEqualTo(Path.of("/var/lib/jvirt"));
        assertThat(StateDirectory.of(Map.of(), "ann", "/home/ann")).isEqualTo(Path.of("/home/ann/.local/state/jvirt"));
        assertThat(StateDirectory.of(Map.of("XDG_STATE_HOME", "/x"), "ann", "/home/ann"))
                .isEqualTo(Path.of("/x/jvirt"));
        assertThat(StateDirectory.of(Map.of("JVIRT_STATE", "/tmp/s"), "root", "/root"))
                .isEqualTo(Path.of("/tmp/s"));
    }
}
