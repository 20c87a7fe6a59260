// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalEntry;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.migrate.step.DefineLockedStep;
import io.jvirt.domain.migrate.step.LockSourceStep;
import io.jvirt.domain.migrate.step.MoveSteps;
import io.jvirt.domain.migrate.step.OverlayStep;
import io.jvirt.domain.migrate.step.Overlays;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.migrate.step.StartTargetStep;
import io.jvirt.domain.migrate.step.StopSourceStep;
import io.jvirt.domain.migrate.step.TakeOffStep;
import io.jvirt.domain.migrate.step.UndefineSourceStep;
import io.jvirt.domain.migrate.step.UnlockTargetStep;
import io.jvirt.domain.step.AutostartStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The verb {@code migrate}, for a domain that is off. */
public final class Migrate {
    static final String VERB = "migrate";

    private final Host source;
    private final Journal journal;
    private final Trash trash;
    private final Targets targets;

    /**
     * From one host.
     *
     * @param source a host whose files are this machine's
     * @param trash where the source's files go in the end
     * @param targets the caller's
     */
    public Migrate(Host source, Journal journal, Trash trash, Targets targets) {
        this.source = source;
        this.journal = journal;
        this.trash = trash;
        this.targets = targets;
        if (source.isRemote()) {
            throw JvirtException.usage(
                    "migrate reads the disks of the host it runs on, and " + source.uri() + " is another one",
                    "run it there: ssh HOST jvirt migrate …");
        }
    }

    /** Compares the two hosts and changes neither. */
    public MigratePlan plan(String nameOrUuid, MigrateRequest request) throws IOException {
        targets.prepare(request);
        try (Domain domain = source.findDomain(nameOrUuid);
                HostStorage storage = new HostStorage(targets.get(request.targetUri()))) {
            Host target = storage.host();
            refuseSameHost(target, request);
            Findings findings = new Findings();
            String name = domain.name();
            if (!domain.isPersistent()) {
                throw JvirtException.refused(
                        "domain '" + name + "' is transient: it has no definition that could move",
                        "make it persistent first: jvirt dumpxml " + ShellWord.quoted(name)
                                + " >FILE, then jvirt define FILE");
            }
            String uuid = domain.uuid();
            journal.refuseOthers(source.uri(), List.of(name, uuid));
            String xml = domain.inactiveXmlWithSecrets();
            Move move = new Move(source, target, domain, uuid, xml, DomainXml.parse(xml), request, storage);
            for (MoveCheck check : MoveCheck.ALL) {
                check.run(move, findings);
            }
            FilePlan files = FilePlanner.plan(move, findings);
            List<Step> snapshots = SnapshotPlanner.plan(move, files, findings);
            Overlays overlays = request.presync() == null ? null : PresyncPlanner.plan(move, files, findings);
            List<Step> steps = List.of();
            if (!findings.hasBlocker()) {
                List<Step> trashing = SourceTrash.plan(move, files, trash, findings);
                steps = request.live() != null
                        ? LivePlanner.steps(move, files, trashing)
                        : overlays == null
                                ? steps(move, files, snapshots, trashing)
                                : presyncSteps(move, files, overlays, snapshots, trashing);
            }
            return new MigratePlan(
                    name, uuid, move.targetName(), request.targetUri(), findings.sorted(), files.files(), steps);
        }
    }

    private void refuseSameHost(Host target, MigrateRequest request) {
        String here = hostUuid(source);
        if (source.uri().equals(target.uri()) || (here != null && here.equals(hostUuid(target)))) {
            throw JvirtException.usage(
                    request.targetUri() + " is this host itself",
                    "--to takes another one, or jvirt rename, jvirt clone");
        }
    }

    private static @Nullable String hostUuid(Host host) {
        XmlElement element = XmlDocument.parse(host.capabilities()).root().element("host");
        XmlElement uuid = element == null ? null : element.element("uuid");
        return uuid == null ? null : uuid.text();
    }

    private static List<Step> steps(Move move, FilePlan files, List<Step> snapshots, List<Step> trashing)
            throws IOException {
        String uri = move.request().targetUri();
        String there = TargetDefinition.of(move, files);
        List<Step> steps = new ArrayList<>(files.copySteps(uri));
        steps.add(new DefineLockedStep(uri, move.targetName(), move.uuid(), there));
        steps.addAll(snapshots);
        if (move.domain().autostart()) {
            steps.add(new AutostartStep(new StepDomain(uri, move.targetName(), move.uuid())));
        }
        steps.add(new LockSourceStep(move.name(), move.uuid(), move.sourceXml(), files.fingerprints()));
        Shipment saved = files.savedMemory();
        if (saved != null) {
            steps.addAll(SavedMemory.handOver(move, saved));
        }
        steps.add(new UnlockTargetStep(new StepDomain(uri, move.targetName(), move.uuid()), there));
        Step undefine = new UndefineSourceStep(move.name(), move.uuid());
        if (saved == null) {
            steps.add(undefine);
        }
        steps.addAll(trashing);
        if (saved != null) {
            // libvirt removes what it finds of saved memory with the definition.
            steps.add(undefine);
        }
        steps.addAll(files.releaseSteps(uri));
        return steps;
    }

    /**
     * Copies while the domain runs; from its shutdown on it is locked until it starts on the target, so that its downtime is
     * that of what has changed.
     */
    private static List<Step> presyncSteps(
            Move move, FilePlan files, Overlays overlays, List<Step> snapshots, List<Step> trashing) {
        String uri = move.request().targetUri();
        String there = TargetDefinition.of(move, files);
        MigrateRequest.Presync presync = Objects.requireNonNull(move.request().presync());
        List<Step> steps = new ArrayList<>();
        steps.add(new OverlayStep(overlays));
        steps.addAll(files.copyStepsOfRunning(uri));
        steps.add(new StopSourceStep(overlays, presync.stopSeconds()));
        steps.add(new TakeOffStep(overlays));
        steps.add(LockSourceStep.early(move.name(), move.uuid(), move.sourceXml()));
        steps.addAll(files.updateSteps());
        steps.add(new DefineLockedStep(uri, move.targetName(), move.uuid(), there));
        steps.addAll(snapshots);
        if (move.domain().autostart()) {
            steps.add(new AutostartStep(new StepDomain(uri, move.targetName(), move.uuid())));
        }
        steps.add(new UnlockTargetStep(new StepDomain(uri, move.targetName(), move.uuid()), there));
        steps.add(new StartTargetStep(uri, move.targetName(), move.uuid()));
        steps.add(new UndefineSourceStep(move.name(), move.uuid()));
        steps.addAll(trashing);
        steps.addAll(files.releaseSteps(uri));
        return steps;
    }

    /** Performs a plan that nothing stands against. */
    public void perform(MigratePlan plan, Cancellation cancellation, Operation.Listener listener) throws Exception {
        if (plan.isBlocked()) {
            throw JvirtException.refused("domain '" + plan.name() + "' cannot be moved", "see the plan: --plan");
        }
        try (Operation operation = journal.begin(VERB, source.uri(), List.of(plan.name(), plan.uuid()), plan.steps())) {
            operation.lend(plan.targetUri(), targets.get(plan.targetUri())).perform(source, cancellation, listener);
        }
    }

    /**
     * A migration of that domain to that host which was cut off; null where there is none.
     *
     * @param nameOrUuid as it was given when it began
     */
    public @Nullable JournalEntry unfinished(String nameOrUuid, String targetUri) throws IOException {
        return cutOff(nameOrUuid, targetUri, false);
    }

    /** The migration of a domain to that host whose rollback was cut off, or null: it has to end before another begins. */
    public @Nullable JournalEntry cutOffRollback(String nameOrUuid, String targetUri) throws IOException {
        return cutOff(nameOrUuid, targetUri, true);
    }

    private @Nullable JournalEntry cutOff(String nameOrUuid, String targetUri, boolean isRollingBack)
            throws IOException {
        for (JournalEntry entry : journal.entries()) {
            if (entry.verb().equals(VERB)
                    && entry.uri().equals(source.uri())
                    && entry.domains().contains(nameOrUuid)
                    && !entry.owner().mayBeAlive()
                    && entry.isRollingBack() == isRollingBack
                    && entry.steps().stream()
                            .anyMatch(step -> targetUri.equals(step.parameters().get("uri")))) {
                return entry;
            }
        }
        return null;
    }

    /**
     * Goes on with it from where it broke.
     *
     * @return false where the machine has changed since: then what had been done is undone
     */
    public boolean resume(JournalEntry entry, Cancellation cancellation, Operation.Listener listener) throws Exception {
        try (Operation operation = journal.adopt(entry)) {
            if (operation.canRollBack() && hasChanged(entry)) {
                operation.rollback(source, listener);
                return false;
            }
            operation.perform(source, cancellation, listener);
            return true;
        }
    }

    /** Undoes what is left of it. */
    public void rollback(JournalEntry entry, Operation.Listener listener) throws Exception {
        try (Operation operation = journal.adopt(entry)) {
            operation.rollback(source, listener);
        }
    }

    private boolean hasChanged(JournalEntry entry) throws IOException {
        for (StepPlan plan : entry.steps()) {
            if (MoveSteps.read(plan) instanceof LockSourceStep lock && lock.hasChanged(source)) {
                return true;
            }
        }
        return false;
    }
}
