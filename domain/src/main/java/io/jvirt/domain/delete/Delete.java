// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.SeenDomain;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.step.DestroyStep;
import io.jvirt.domain.step.UndefineStep;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * The verb {@code delete}: a domain with its disks, NVRAM, saved state and snapshot metadata, into the trash or for good.
 * On the way into the trash everything can be undone until the definition goes, which is last.
 */
public final class Delete {
    private final Host host;
    private final Journal journal;
    private final Trash trash;
    private final boolean isLocal;

    public Delete(Host host, Journal journal, Trash trash) {
        this.host = host;
        this.journal = journal;
        this.trash = trash;
        this.isLocal = !host.isRemote();
    }

    /** Checks everything and changes nothing. */
    public DeletePlan plan(String nameOrUuid, DeleteOptions options) throws IOException {
        return plan(nameOrUuid, options, List.of());
    }

    /**
     * The same of one of several.
     *
     * @param before plans that are performed first: what they delete needs nothing any more
     */
    public DeletePlan plan(String nameOrUuid, DeleteOptions options, List<DeletePlan> before) throws IOException {
        List<DeletedDomain> gone = before.stream().map(DeletePlan::domain).toList();
        try (Domain domain = host.findDomain(nameOrUuid)) {
            String uuid = domain.uuid();
            journal.refuseOthers(host.uri(), List.of(domain.name(), uuid));
            boolean active = domain.isActive();
            if (active && !options.force()) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' is running",
                        "jvirt stop " + ShellWord.quoted(domain.name()) + ", or jvirt delete "
                                + ShellWord.quoted(domain.name()) + " --force");
            }
            boolean persistent = domain.isPersistent();
            String definition = persistent ? domain.inactiveXmlWithSecrets() : domain.xml();
            DomainXml xml = DomainXml.parse(definition);
            List<String> kept = new ArrayList<>();
            List<String> notes = new ArrayList<>();
            List<TrashedSnapshot> snapshots = TrashedSnapshot.allOf(domain);
            List<DiskRemoval> disks =
                    new DiskSelection(host, options, gone, kept, notes).of(xml, snapshots, uuid, active);
            // What another host has stays there: a trash needs its files at hand.
            boolean forGood = options.purge() || !isLocal;
            if (!options.purge()) {
                refuseUntrashable(domain, disks);
            }
            List<Step> steps = new ArrayList<>();
            List<String> deleted = new ArrayList<>();
            if (active) {
                steps.add(new DestroyStep(domain.name(), uuid));
            }
            String entry = null;
            if (!forGood) {
                TrashPlan planned = TrashPlan.of(host, trash, domain, definition, xml, disks, snapshots);
                steps.addAll(planned.steps());
                entry = planned.id();
                disks.forEach(disk -> deleted.add(disk.path()));
            }
            if (persistent) {
                steps.add(new UndefineStep(domain.name(), uuid, !xml.tpms().isEmpty(), !forGood));
            }
            if (forGood) {
                addForGood(disks, steps, deleted, kept, notes);
            }
            SeenDomain seen = new SeenDomain(domain.name(), uuid, active, persistent ? definition : "");
            return new DeletePlan(seen, new DeletedDomain(domain.name(), uuid, deleted, kept, entry), steps, notes);
        }
    }

    private static boolean hasManagedSave(Domain domain) {
        try {
            return domain.hasManagedSave();
        } catch (LibvirtException e) {
            return false;
        }
    }

    private void refuseUntrashable(Domain domain, List<DiskRemoval> disks) {
        String name = domain.name();
        if (isLocal
                && !domain.isActive()
                && hasManagedSave(domain)
                && !Files.exists(StatePlaces.savedState(host.uri(), name))) {
            throw JvirtException.refused(
                    "the saved state of domain '" + name
                            + "' cannot wait in the trash: it is not where libvirt keeps it",
                    "jvirt start " + ShellWord.quoted(name) + " uses it up; jvirt delete " + ShellWord.quoted(name)
                            + " --purge removes it for good");
        }
        for (DiskRemoval disk : disks) {
            String reason = disk.notTrashable();
            if (reason != null) {
                throw JvirtException.refused(
                        "the disk " + disk.path() + " cannot wait in the trash: " + reason,
                        "jvirt delete " + ShellWord.quoted(name)
                                + " --purge removes it for good, --keep-disks leaves it");
            }
        }
    }

    private static void addForGood(
            List<DiskRemoval> disks, List<Step> steps, List<String> deleted, List<String> kept, List<String> notes)
            throws IOException {
        for (DiskRemoval disk : disks) {
            Step step = disk.forGood();
            if (step == null) {
                kept.add(disk.path());
                notes.add(disk.path() + " is in no pool and no file; it is left where it is");
            } else {
                steps.add(step);
                deleted.add(disk.path());
            }
        }
    }

    /** Performs a plan; once the definition has gone it is only finished, never undone: {@code jvirt recover --resume}. */
    public DeletedDomain perform(DeletePlan plan, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        DeletedDomain domain = plan.domain();
        try (Operation operation =
                journal.begin("delete", host.uri(), List.of(domain.name(), domain.uuid()), plan.steps())) {
            operation.ensure(() -> plan.seen().refuseChanged(host)).perform(host, cancellation, listener);
        }
        return domain;
    }
}
