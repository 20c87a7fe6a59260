// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.LiveSnapshotDeleteStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reverts to snapshots and deletes them. */
public final class SnapshotChange {
    private final Host host;
    private final Journal journal;

    public SnapshotChange(Host host, Journal journal) {
        this.host = host;
        this.journal = journal;
    }

    /** Checks everything and changes nothing. */
    public SnapshotPlan planRevert(String nameOrUuid, String snapshotName) throws IOException {
        try (Domain domain = host.findDomain(nameOrUuid);
                Snapshot snapshot = Snapshot.find(domain, snapshotName)) {
            journal.refuseOthers(host.uri(), List.of(domain.name(), domain.uuid()));
            TemplateMark.refuseChange(domain);
            OpenDisks.refuse(host, domain);
            if (!isExternal(snapshot)) {
                refuseOverlaysSince(domain, snapshot);
                return byLibvirt(domain, snapshot, List.of());
            }
            refuseRunning(domain, "revert to");
            refuseRemote();
            return new ExternalRevert(host, domain).plan(snapshot);
        }
    }

    /** Reverts. */
    public void revert(
            SnapshotPlan plan, boolean running, boolean force, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        if (!plan.steps().isEmpty()) {
            perform("snapshot revert", plan, cancellation, listener);
            return;
        }
        try (Domain domain = host.findDomain(plan.uuid());
                DomainLock lock = DomainLock.take("snapshot revert", host, domain);
                Snapshot snapshot = Snapshot.find(domain, plan.snapshot())) {
            OpenDisks.refuse(host, domain);
            snapshot.revert(running, force);
        }
    }

    /** Checks everything and changes nothing. */
    public SnapshotPlan planDelete(String nameOrUuid, String snapshotName, boolean withChildren) throws IOException {
        try (Domain domain = host.findDomain(nameOrUuid);
                Snapshot snapshot = Snapshot.find(domain, snapshotName)) {
            journal.refuseOthers(host.uri(), List.of(domain.name(), domain.uuid()));
            TemplateMark.refuseChange(domain);
            OpenDisks.refuse(host, domain);
            if (!isExternal(snapshot)) {
                if (domain.isActive()) {
                    refuseBelowRunning(domain, snapshot);
                }
                return byLibvirt(domain, snapshot, List.of());
            }
            if (withChildren) {
                throw JvirtException.usage(
                        "--children is for internal snapshots, and '" + snapshotName + "' is external",
                        "delete them one by one, the youngest first");
            }
            refuseRemote();
            if (domain.isActive()) {
                refuseNeeded(domain, snapshot);
                return liveDelete(domain, snapshot);
            }
            return new ExternalDelete(host, domain, snapshotName).plan(snapshot);
        }
    }

    /** Deletes. */
    public void delete(SnapshotPlan plan, boolean withChildren, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        if (!plan.steps().isEmpty()) {
            perform("snapshot delete", plan, cancellation, listener);
            return;
        }
        try (Domain domain = host.findDomain(plan.uuid());
                DomainLock lock = DomainLock.take("snapshot delete", host, domain);
                Snapshot snapshot = Snapshot.find(domain, plan.snapshot())) {
            OpenDisks.refuse(host, domain);
            snapshot.delete(withChildren);
        }
    }

    private void perform(String verb, SnapshotPlan plan, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        try (Operation operation = journal.begin(verb, host.uri(), List.of(plan.domain(), plan.uuid()), plan.steps())) {
            operation.ensure(() -> refuseOpen(plan.uuid())).perform(host, cancellation, listener);
        }
    }

    /** Once more, as the user may have been asked meanwhile. */
    private void refuseOpen(String uuid) {
        try (Domain domain = host.findDomain(uuid)) {
            OpenDisks.refuse(host, domain);
        }
    }

    private static SnapshotPlan liveDelete(Domain domain, Snapshot snapshot) throws IOException {
        String memory = SnapshotXml.parse(snapshot.xml()).get(SnapshotXml.MEMORY_FILE);
        if (memory == null || !Files.isRegularFile(Path.of(memory))) {
            return byLibvirt(domain, snapshot, List.of());
        }
        Step step = new LiveSnapshotDeleteStep(domain.name(), domain.uuid(), snapshot.name(), Path.of(memory));
        return new SnapshotPlan(domain.name(), domain.uuid(), snapshot.name(), List.of(step), List.of());
    }

    private static SnapshotPlan byLibvirt(Domain domain, Snapshot snapshot, List<String> notes) {
        return new SnapshotPlan(domain.name(), domain.uuid(), snapshot.name(), List.of(), notes);
    }

    private static boolean isExternal(Snapshot snapshot) {
        return SnapshotXml.parse(snapshot.xml()).isExternal();
    }

    /** The images below overlays must not change: an internal snapshot in them is out of reach while there are any. */
    private static void refuseOverlaysSince(Domain domain, Snapshot snapshot) {
        String goesOn = goesOn(snapshot, domain.isPersistent() ? domain.inactiveXml() : domain.xml());
        if (goesOn != null) {
            throw JvirtException.refused(
                    goesOn + ", which a change below it would destroy",
                    "delete the external snapshots that were taken after it: jvirt snapshot list "
                            + ShellWord.quoted(domain.name()));
        }
    }

    /** QEMU takes out of the image that it writes to, and libvirt of the one that has it, while the domain is off. */
    private static void refuseBelowRunning(Domain domain, Snapshot snapshot) {
        String goesOn = goesOn(snapshot, domain.xml());
        if (goesOn != null) {
            throw JvirtException.refused(
                    goesOn + ", and what is inside the image below cannot be deleted while the domain runs",
                    "jvirt stop " + ShellWord.quoted(domain.name()) + ", then delete the snapshot");
        }
    }

    /** The first disk that is in another image than it was, in words; null where none is. */
    private static @Nullable String goesOn(Snapshot snapshot, String nowXml) {
        DomainXml then = SnapshotXml.parse(snapshot.xml()).definition();
        DomainXml now = DomainXml.parse(nowXml);
        for (Disk disk : then == null ? List.<Disk>of() : then.disks()) {
            Disk current = ExternalRevert.disk(now, disk.get(Disk.TARGET, ""));
            String path = current == null ? null : current.sourcePath();
            if (path != null && !path.equals(disk.sourcePath())) {
                return "since snapshot '" + snapshot.name() + "' disk '" + disk.get(Disk.TARGET) + "' goes on in "
                        + path;
            }
        }
        return null;
    }

    private static void refuseRunning(Domain domain, String what) {
        if (domain.isActive()) {
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' is running: to " + what + " an external snapshot it must be off",
                    "jvirt stop " + ShellWord.quoted(domain.name()));
        }
    }

    private void refuseRemote() {
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "external snapshots are changed where their files are, and " + host.uri() + " is another host",
                    "run jvirt on that host");
        }
    }

    /** libvirt's block job writes into the image of the snapshot: nobody else may lie on it. */
    private void refuseNeeded(Domain domain, Snapshot snapshot) {
        SnapshotXml xml = SnapshotXml.parse(snapshot.xml());
        ReferenceGraph graph =
                ReferenceGraph.readWithoutSnapshots(host, domain.uuid(), ExternalRevert.directories(xml));
        for (String target : xml.overlays().keySet()) {
            String image = xml.imageOf(target);
            for (Use use : image == null ? List.<Use>of() : graph.uses(image)) {
                if (use.domain() != null && !use.domain().equals(domain.name())) {
                    throw JvirtException.refused(
                            "the image " + image + " of snapshot '" + snapshot.name() + "' is also used by " + use,
                            "stop domain '" + domain.name() + "' first: the image then stays when the snapshot goes");
                }
            }
        }
    }
}
