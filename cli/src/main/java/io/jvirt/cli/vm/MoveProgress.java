// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.Progress;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.StepPlan;
import org.jspecify.annotations.Nullable;

/** Shows an operation's steps: a bar for each long one. */
final class MoveProgress implements Operation.Listener, AutoCloseable {
    private final CommandContext context;
    private @Nullable Progress bar;
    private String shown = "";

    MoveProgress(CommandContext context) {
        this.context = context;
    }

    @Override
    public void step(StepPlan plan, boolean undoing) {
        close();
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
            bar = current;
        }
        current.setDone(doneBytes);
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
