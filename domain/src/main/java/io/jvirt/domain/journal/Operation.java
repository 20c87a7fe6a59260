// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.JournalEntry.Progress;
import io.jvirt.domain.journal.JournalRecord.Done;
import io.jvirt.domain.journal.JournalRecord.End;
import io.jvirt.domain.journal.JournalRecord.Fact;
import io.jvirt.domain.journal.JournalRecord.Failed;
import io.jvirt.domain.journal.JournalRecord.Intent;
import io.jvirt.domain.journal.JournalRecord.Undone;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An operation that is written down: performs its steps, or undoes them. */
public final class Operation implements AutoCloseable {
    /** Told about each step as it begins. */
    @FunctionalInterface
    public interface Listener {
        void step(StepPlan plan, boolean undoing);

        /** {@code doneBytes} of a long step's {@code totalBytes} are dealt with. */
        default void progress(StepPlan plan, long doneBytes, long totalBytes) {}

        /** So many bytes need not travel: zeros, what is there already, what compression takes away. */
        default void saved(long bytes) {}

        /** A step found something that the user should read. */
        default void report(String line) {}
    }

    private final JournalEntry entry;
    private final JournalFile file;
    private final List<Step> steps;
    private final Map<String, Host> others = new HashMap<>();
    private final Set<Host> lent = new HashSet<>();

    Operation(JournalEntry entry, JournalFile file, List<Step> steps) {
        this.entry = entry;
        this.file = file;
        this.steps = steps;
    }

    public JournalEntry entry() {
        return entry;
    }

    /** Steps that work on that host too use this connection, which stays the caller's. */
    public Operation lend(String uri, Host other) {
        others.put(uri, other);
        lent.add(other);
        return this;
    }

    /**
     * Performs what is not done yet. Where a step fails, or the user asks to stop, everything is undone and the failure
     * thrown; where it cannot be undone, or undoing fails too, the entry stays for {@code jvirt recover}. After a {@link
     * ResumableException} it stays as well, to go on from there.
     */
    public void perform(Host host, Cancellation cancellation, Listener listener) throws Exception {
        if (entry.isRollingBack()) {
            throw JvirtException.refused(
                    "'" + entry.id() + "' has begun to roll back and cannot go forward",
                    "jvirt recover " + entry.id() + " --rollback");
        }
        int at = 0;
        boolean mayBeStale = firstBegunWithoutUndo() == null;
        try {
            for (; at < steps.size(); at++) {
                Step step = steps.get(at);
                if (entry.progress(at) == Progress.DONE && (step.holdsAfterBreak() || !mayBeStale)) {
                    continue;
                }
                cancellation.check();
                listener.step(step.plan(), false);
                Context context = new Context(at, host, cancellation, listener);
                if (entry.progress(at) == Progress.BEGUN && step.isUndoable() && !step.isResumable()) {
                    step.undo(context);
                }
                append(new Intent(at));
                step.perform(context);
                append(new Done(at));
            }
            finish(true);
        } catch (ResumableException pause) {
            append(new Failed(at, String.valueOf(pause.getMessage())));
            throw pause.in(entry.id());
        } catch (Exception failure) {
            if (failure instanceof JvirtException broken && hasLostConnection()) {
                append(new Failed(at, String.valueOf(failure.getMessage())));
                throw new ResumableException(
                                broken.getMessage() + "; the connection broke",
                                "run the command again when the host can be reached: it goes on",
                                failure)
                        .in(entry.id());
            }
            rollbackAfter(failure, at, host, listener);
            throw failure;
        }
    }

    private boolean hasLostConnection() {
        for (Host other : others.values()) {
            if (!other.isAlive()) {
                return true;
            }
        }
        return false;
    }

    private void rollbackAfter(Exception failure, int step, Host host, Listener listener) throws Exception {
        String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        try {
            append(new Failed(step, reason));
            rollback(host, listener);
        } catch (Exception second) {
            JvirtException both = new JvirtException(
                    JvirtException.Kind.NEEDS_RECOVERY,
                    reason + "; and it could not be rolled back: " + second.getMessage(),
                    "mend the cause, then: jvirt recover " + entry.id()
                            + (firstBegunWithoutUndo() == null ? " --rollback" : " --resume"),
                    failure);
            both.addSuppressed(second);
            throw both;
        }
    }

    /** Undoes what has begun, last first. */
    public void rollback(Host host, Listener listener) throws Exception {
        StepPlan irreversible = firstBegunWithoutUndo();
        if (irreversible != null) {
            throw JvirtException.refused(
                    "this cannot be undone any more: " + irreversible.summary(),
                    "jvirt recover " + entry.id() + " --resume finishes it");
        }
        Cancellation never = new Cancellation();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Progress progress = entry.progress(i);
            if (progress == Progress.BEGUN || progress == Progress.DONE) {
                listener.step(steps.get(i).plan(), true);
                steps.get(i).undo(new Context(i, host, never, listener));
                append(new Undone(i));
            }
        }
        finish(false);
    }

    /** Nothing was done that cannot be undone. */
    public boolean canRollBack() {
        return firstBegunWithoutUndo() == null;
    }

    private @Nullable StepPlan firstBegunWithoutUndo() {
        for (int i = 0; i < steps.size(); i++) {
            Progress progress = entry.progress(i);
            if ((progress == Progress.BEGUN || progress == Progress.DONE)
                    && !steps.get(i).isUndoable()) {
                return steps.get(i).plan();
            }
        }
        return null;
    }

    /** A last look at the host, now that no other verb can change the domains. */
    @FunctionalInterface
    public interface LastLook {
        void look() throws Exception;
    }

    /** Where the look throws, nothing is done and no entry is left. To be called before {@link #perform}. */
    public Operation ensure(LastLook look) throws Exception {
        try {
            look.look();
        } catch (Exception e) {
            try (this) {
                finish(false);
            }
            throw e;
        }
        return this;
    }

    /** Ends an operation that has no steps. */
    void end() throws IOException {
        finish(true);
    }

    private void finish(boolean completed) throws IOException {
        append(new End(completed));
        file.delete();
    }

    void append(JournalRecord record) throws IOException {
        file.append(record);
        entry.apply(record);
    }

    private void release(Host other) {
        if (!lent.contains(other)) {
            other.close();
        }
    }

    @Override
    public void close() throws IOException {
        others.values().forEach(this::release);
        others.clear();
        file.close();
    }

    private final class Context implements StepContext {
        private final int step;
        private final Host host;
        private final Cancellation cancellation;
        private final Listener listener;

        Context(int step, Host host, Cancellation cancellation, Listener listener) {
            this.step = step;
            this.host = host;
            this.cancellation = cancellation;
            this.listener = listener;
        }

        @Override
        public Host host() {
            return host;
        }

        @Override
        public Host host(String uri) {
            Host known = others.get(uri);
            if (known != null && !known.isAlive()) {
                release(known);
                known = null;
            }
            if (known == null) {
                try {
                    known = Host.open(uri);
                } catch (JvirtException e) {
                    throw new ResumableException(String.valueOf(e.getMessage()), e.hint(), e);
                }
                others.put(uri, known);
            }
            return known;
        }

        @Override
        public Cancellation cancellation() {
            return cancellation;
        }

        @Override
        public void note(String name, String value) throws IOException {
            append(new Fact(step, name, value));
        }

        @Override
        public void noteProgress(String name, String value) throws IOException {
            Fact fact = new Fact(step, name, value);
            file.appendSoon(fact);
            entry.apply(fact);
        }

        @Override
        public @Nullable String noted(String name) {
            return entry.fact(step, name);
        }

        @Override
        public void progress(long doneBytes, long totalBytes) {
            listener.progress(steps.get(step).plan(), doneBytes, totalBytes);
        }

        @Override
        public void saved(long bytes) {
            listener.saved(bytes);
        }

        @Override
        public void report(String line) {
            listener.report(line);
        }
    }
}
