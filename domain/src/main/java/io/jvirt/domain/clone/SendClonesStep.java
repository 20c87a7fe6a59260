// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.delete.Delete;
import io.jvirt.domain.delete.DeleteOptions;
import io.jvirt.domain.delete.Purge;
import io.jvirt.domain.delete.TrashedMachine;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalEntry;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.migrate.Finding;
import io.jvirt.domain.migrate.Migrate;
import io.jvirt.domain.migrate.MigratePlan;
import io.jvirt.domain.migrate.MigrateRequest;
import io.jvirt.domain.migrate.MovedStart;
import io.jvirt.domain.migrate.Targets;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.trash.Trash;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes clones, moves them to another host, one after the other, as {@code migrate} moves a machine, and starts them there. What it does has journal
 * entries of its own, those of the verbs that it calls; after a crash it looks for them first, and goes on or back with them.
 */
public final class SendClonesStep implements Step {
    public static final String KIND = "send-clones";
    /** The operation that this is the one step of. */
    static final String VERB = "clone to";

    private static final String YES = "yes";

    private final String uri;
    private final List<String> names;
    private final List<String> uuids;
    private final boolean starts;
    private final @Nullable Making making;

    /** Makes the clones here. */
    @FunctionalInterface
    interface Making {
        void make() throws Exception;
    }

    /**
     * Plans it.
     *
     * @param uri of the other host
     * @param uuids of the clones, in the order of their names
     * @param starts they are started there
     * @param making null after a crash: what has become of them is in the journal
     */
    SendClonesStep(String uri, List<String> names, List<String> uuids, boolean starts, @Nullable Making making) {
        this.starts = starts;
        this.making = making;
        this.uri = uri;
        this.names = List.copyOf(names);
        this.uuids = List.copyOf(uuids);
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("names", String.join("\n", names));
        p.put("uuids", String.join("\n", uuids));
        if (starts) {
            p.put("starts", YES);
        }
        return new StepPlan(
                KIND, "move " + String.join(", ", names) + " to " + uri + (starts ? " and start there" : ""), p);
    }

    public static SendClonesStep read(StepPlan plan) {
        return new SendClonesStep(
                Parameters.required(plan, "uri"),
                List.of(Parameters.required(plan, "names").split("\n", -1)),
                List.of(Parameters.required(plan, "uuids").split("\n", -1)),
                YES.equals(plan.parameters().get("starts")),
                null);
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        if (making != null) {
            making.make();
        }
        try (Targets targets = new Targets()) {
            Migrate migrate = new Migrate(context.host(), journal(), trash(), targets);
            for (int i = 0; i < uuids.size(); i++) {
                settle(context, List.of(names.get(i), uuids.get(i)), true);
                if (isHere(context, uuids.get(i))) {
                    send(context, migrate, names.get(i), uuids.get(i));
                }
                forget(context, uuids.get(i));
            }
            if (starts) {
                MovedStart.start(targets.get(uri), uuids);
            }
        }
    }

    private void send(StepContext context, Migrate migrate, String name, String uuid) throws Exception {
        MigratePlan plan = migrate.plan(uuid, MigrateRequest.plainCopy(uri, MigrateRequest.Sharing.UNKNOWN));
        for (Finding finding : plan.findings()) {
            if (finding.kind() == Finding.Kind.BLOCKER) {
                throw JvirtException.refused(
                        "the clone '" + name + "' cannot be moved to " + uri + ": " + finding.text(),
                        finding.solution());
            }
        }
        migrate.perform(plan, context.cancellation(), listener(context));
    }

    /** What has arrived stays there; what has not is removed. */
    @Override
    public void undo(StepContext context) throws Exception {
        for (int i = uuids.size() - 1; i >= 0; i--) {
            settle(context, List.of(names.get(i), uuids.get(i)), false);
            if (isHere(context, uuids.get(i))) {
                Delete delete = new Delete(context.host(), journal(), trash());
                delete.perform(
                        delete.plan(uuids.get(i), new DeleteOptions(false, false, true)),
                        new Cancellation(),
                        listener(context));
            }
            forget(context, uuids.get(i));
        }
    }

    private static boolean isHere(StepContext context, String uuid) {
        try (Domain there = context.host().domainWithUuid(uuid)) {
            return there != null;
        }
    }

    /** Ends what was cut off and has one of these names. */
    private static void settle(StepContext context, List<String> things, boolean forward) throws Exception {
        Journal journal = journal();
        for (JournalEntry entry : journal.entries()) {
            if (entry.verb().equals(VERB)
                    || !entry.uri().equals(context.host().uri())
                    || things.stream().noneMatch(entry.domains()::contains)) {
                continue;
            }
            try (Operation cutOff = journal.adopt(entry)) {
                if (entry.isRollingBack() || (!forward && cutOff.canRollBack())) {
                    cutOff.rollback(context.host(), listener(context));
                } else {
                    cutOff.perform(context.host(), context.cancellation(), listener(context));
                }
            }
        }
    }

    /** Its disks here were never anybody's. */
    private static void forget(StepContext context, String uuid) throws Exception {
        Purge purge = new Purge(context.host(), journal(), trash());
        for (TrashedMachine machine : trashed(purge, uuid)) {
            settle(context, List.of(machine.id()), true);
        }
        for (TrashedMachine machine : trashed(purge, uuid)) {
            purge.perform(machine, new Cancellation(), listener(context));
        }
    }

    private static List<TrashedMachine> trashed(Purge purge, String uuid) throws IOException {
        return purge.list().stream()
                .filter(machine -> machine.uuid().equals(uuid))
                .toList();
    }

    private static Journal journal() {
        return Steps.journal().inside(VERB);
    }

    private static Trash trash() {
        return new Trash(StateDirectory.current());
    }

    private static Operation.Listener listener(StepContext context) {
        return new Operation.Listener() {
            @Override
            public void step(StepPlan plan, boolean undoing) {}

            @Override
            public void progress(StepPlan plan, long doneBytes, long totalBytes) {
                context.progress(doneBytes, totalBytes);
            }

            @Override
            public void report(String line) {
                context.report(line);
            }
        };
    }
}
