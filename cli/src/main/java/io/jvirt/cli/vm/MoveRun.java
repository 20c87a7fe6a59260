// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.JournalEntry;
import io.jvirt.domain.migrate.Migrate;
import io.jvirt.domain.migrate.MigratePlan;
import io.jvirt.domain.migrate.MigrateRequest;
import io.jvirt.domain.migrate.MovedStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Moves domains one after the other: first those whose migration was cut off, then the others. */
final class MoveRun {
    private final CommandContext context;
    private final Migrate migrate;
    private final MigrateRequest request;
    private final List<JournalEntry> unfinished = new ArrayList<>();
    private final List<MigratePlan> plans = new ArrayList<>();

    MoveRun(CommandContext context, Migrate migrate, MigrateRequest request) {
        this.context = context;
        this.migrate = migrate;
        this.request = request;
    }

    /** Prints what would be done, and touches nothing. */
    ExitCode show(Set<String> names) throws Exception {
        for (String name : names) {
            plans.add(migrate.plan(name, request));
        }
        context.print(MigrationText.answer(plans, "planned").lines(MigrationText.plan(plans)));
        return isBlocked() ? ExitCode.REFUSED : ExitCode.DONE;
    }

    /** Moves all of them, or none where a plan is blocked. */
    void move(Set<String> names, boolean isYes) throws Exception {
        for (String name : names) {
            endRollback(name, isYes);
            JournalEntry entry = migrate.unfinished(name, request.targetUri());
            if (entry == null) {
                plans.add(migrate.plan(name, request));
            } else {
                unfinished.add(entry);
            }
        }
        if (isBlocked()) {
            throw MigrationText.refusal(plans);
        }
        MigrationText.warnings(plans).forEach(context::note);
        context.confirm(question(), isYes);
        try (MoveProgress progress = new MoveProgress(context)) {
            plans.forEach(plan -> progress.expect(plan.dataBytes()));
            unfinished.forEach(entry -> entry.steps().forEach(step -> progress.expect(MoveProgress.bytesOf(step))));
            for (JournalEntry entry : unfinished) {
                resume(entry, progress);
            }
            for (int i = 0; i < plans.size(); i++) {
                perform(i, progress);
            }
        }
        if (!plans.isEmpty()) {
            context.print(MigrationText.answer(plans, "moved").lines(MigrationText.done(plans)));
        }
    }

    /** Starts on the target what has moved. */
    void start() {
        List<String> uuids = new ArrayList<>();
        plans.forEach(plan -> uuids.add(plan.uuid()));
        unfinished.forEach(entry -> uuids.add(entry.domains().get(1)));
        MovedStart.start(request.targetUri(), uuids);
    }

    private boolean isBlocked() {
        return plans.stream().anyMatch(MigratePlan::isBlocked);
    }

    /** A domain whose rollback was cut off is locked still: nobody can plan a move of it. */
    private void endRollback(String name, boolean isYes) throws Exception {
        JournalEntry entry = migrate.cutOffRollback(name, request.targetUri());
        if (entry != null) {
            context.confirm("The rollback of " + which(entry) + " was cut off. End it, and plan anew?", isYes);
            context.note("ends the rollback of " + which(entry));
            migrate.rollback(entry, new StepNotes(context));
        }
    }

    private void resume(JournalEntry entry, MoveProgress progress) throws Exception {
        context.note("goes on with " + which(entry));
        String name = entry.domains().get(0);
        if (!migrate.resume(entry, context.cancellation(), progress)) {
            throw JvirtException.failed(
                    "domain '" + name + "' has changed since its migration was cut off; what was sent is removed",
                    "run the command again to move it as it is now");
        }
        context.say("Domain '" + name + "' has moved to " + request.targetUri());
    }

    private void perform(int i, MoveProgress progress) throws Exception {
        // What others have taken there changes what this one finds.
        if (i > 0 || !unfinished.isEmpty()) {
            plans.set(i, migrate.plan(plans.get(i).uuid(), request));
        }
        if (plans.get(i).isBlocked()) {
            throw MigrationText.refusal(List.of(plans.get(i)));
        }
        migrate.perform(plans.get(i), context.cancellation(), progress);
    }

    private static String which(JournalEntry entry) {
        return "the migration of '" + entry.domains().get(0) + "' that began " + entry.startedAt();
    }

    private String question() {
        List<String> parts = new ArrayList<>();
        for (JournalEntry entry : unfinished) {
            parts.add("'" + entry.domains().get(0) + "' (begun " + entry.startedAt() + ")");
        }
        for (MigratePlan plan : plans) {
            parts.add("'" + plan.name() + "' (" + SizeText.of(plan.dataBytes()) + " to send)");
        }
        return "Move " + String.join(", ", parts) + "?";
    }
}
