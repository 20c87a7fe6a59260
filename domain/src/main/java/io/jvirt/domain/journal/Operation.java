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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An operation that is written down: performs its steps, or undoes them. */
public final class Operation implements AutoCloseable {
    /** Told about each step as it begins. */
    @FunctionalInterface
    public interface Listener {
        void step(StepPlan plan, boolean undoing);
    }

    private final JournalEntry entry;
    private final JournalFile file;
    private final List<Step> steps;

    Operation(JournalEntry entry, JournalFile file, List<Step> steps) {
        this.entry = entry;
        this.file = file;
        this.steps = steps;
    }

    public JournalEntry entry() {
        return entry;
    }

    /**
     * Performs what is not done yet. Where a step fails, or the user asks to stop, everything is undone and the failure
     * thrown; where it cannot be undone, or undoing fails too, the entry stays for {@code jvirt recover}.
     */
    public void perform(Host host, Cancellation cancellation, Listener listener) throws Exception {
        if (entry.isRollingBack()) {
            throw JvirtException.refused(
                    "'" + entry.id() + "' has begun to roll back and cannot go forward",
                    "jvirt recover " + entry.id() + " --rollback");
        }
        int at = 0;
        try {
            for (; at < steps.size(); at++) {
                if (entry.progress(at) == Progress.DONE) {
                    continue;
                }
                cancellation.check();
                listener.step(steps.get(at).plan(), false);
                Context context = new Context(at, host, cancellation);
                if (entry.progress(at) == Progress.BEGUN && steps.get(at).isUndoable()) {
                    steps.get(at).undo(context);
                }
                append(new Intent(at));
                steps.get(at).perform(context);
                append(new Done(at));
            }
            finish(true);
        } catch (Exception failure) {
            rollbackAfter(failure, at, host, listener);
            throw failure;
        }
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
                steps.get(i).undo(new Context(i, host, never));
                append(new Undone(i));
            }
        }
        finish(false);
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

    @Override
    public void close() throws IOException {
        file.close();
    }

    private final class Context implements StepContext {
        private final int step;
        private final Host host;
        private final Cancellation cancellation;

        Context(int step, Host host, Cancellation cancellation) {
            this.step = step;
            this.host = host;
            this.cancellation = cancellation;
        }

        @Override
        public Host host() {
            return host;
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
        public @Nullable String noted(String name) {
            return entry.fact(step, name);
        }
    }
}
