// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.StepPlan;

/** Says what an operation's steps found, and with {@code --verbose} which they are. */
record StepNotes(CommandContext context) implements Operation.Listener {
    @Override
    public void step(StepPlan plan, boolean undoing) {
        context.detail((undoing ? "undo: " : "") + plan.summary());
    }

    @Override
    public void report(String line) {
        context.note(line);
    }
}
