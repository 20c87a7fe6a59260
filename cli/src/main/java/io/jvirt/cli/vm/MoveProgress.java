// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.Progress;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.StepPlan;
import org.jspecify.annotations.Nullable;

/** Shows an operation's steps: a bar for each long one, and how far all that is to be sent is. */
final class MoveProgress implements Operation.Listener, AutoCloseable {
    /** The parameter of a step that sends. */
    private static final String DATA_BYTES = "dataBytes";

    private final CommandContext context;
    private final long startNanos = System.nanoTime();
    private long allBytes;
    private long beforeBytes;
    private long ofStepBytes;
    private @Nullable Progress bar;
    private String shown = "";

    MoveProgress(CommandContext context) {
        this.context = context;
    }

    /** So much more is going to be sent in all. */
    void expect(long bytes) {
        allBytes += bytes;
    }

    /** What a step is going to send; 0 for others. */
    static long bytesOf(StepPlan plan) {
        return Long.parseLong(plan.parameters().getOrDefault(DATA_BYTES, "0"));
    }

    @Override
    public void step(StepPlan plan, boolean undoing) {
        close();
        beforeBytes += ofStepBytes;
        ofStepBytes = undoing ? 0 : bytesOf(plan);
        context.detail((undoing ? "undo: " : "") + plan.summary());
    }

    @Override
    public void progress(StepPlan plan, long doneBytes, long totalBytes) {
        Progress current = bar;
        if (current == null || !shown.equals(plan.summary())) {
            close();
            shown = plan.summary();
            String path = plan.parameters().getOrDefault("path", "");
            current = context.progress(plan.kind() + " " + path.substring(path.lastIndexOf('/') + 1), totalBytes);
            if (ofStepBytes > 0) {
                current.within(new Progress.Whole(startNanos, beforeBytes, allBytes));
            }
            bar = current;
        }
        current.setDone(doneBytes);
    }

    @Override
    public void saved(long bytes) {
        if (bar != null) {
            bar.setSaved(bytes);
        }
    }

    @Override
    public void report(String line) {
        close();
        context.say(line);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
