// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.delete.Delete;
import io.jvirt.domain.delete.DeleteOptions;
import io.jvirt.domain.delete.Purge;
import io.jvirt.domain.delete.TrashedMachine;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.ResumableException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.migrate.Finding;
import io.jvirt.domain.migrate.Migrate;
import io.jvirt.domain.migrate.MigratePlan;
import io.jvirt.domain.migrate.MigrateRequest;
import io.jvirt.domain.trash.Trash;
import java.io.IOException;
import java.util.List;

/**
 * Sends clones to another host: each is made here, whole and with its own identity, then moved as {@code migrate} moves a
 * machine, and nothing of it stays here. What cannot be moved is removed again; what was cut off by the network goes on with
 * {@code migrate}.
 */
public final class CloneElsewhere {
    private final Host host;
    private final Journal journal;
    private final Trash trash;
    private final MigrateRequest way;

    public CloneElsewhere(Host host, Journal journal, Trash trash, MigrateRequest way) {
        this.host = host;
        this.journal = journal;
        this.trash = trash;
        this.way = way;
    }

    /** Refuses names and addresses that are taken on the other host. */
    public void check(ClonePlan plan) {
        try (Host target = Host.open(way.targetUri())) {
            for (ClonedDomain clone : plan.clones()) {
                try (Domain there = target.domainNamed(clone.name())) {
                    if (there != null) {
                        throw JvirtException.failed(
                                "the name '" + clone.name() + "' is in use on " + target.uri(), "choose another name");
                    }
                }
                MacAddresses taken = MacAddresses.of(target);
                for (String mac : clone.macs()) {
                    if (taken.has(mac)) {
                        throw JvirtException.failed(
                                "the address " + mac + " is in use on " + target.uri(), "try again: another is drawn");
                    }
                }
            }
        }
    }

    /** Moves the clones that have been made. */
    public void send(List<ClonedDomain> clones, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        for (int i = 0; i < clones.size(); i++) {
            try {
                send(clones.get(i), cancellation, listener);
            } catch (ResumableException e) {
                // It goes on with what is there; the others are for the user to send.
                throw e;
            } catch (Exception e) {
                for (ClonedDomain left : clones.subList(i, clones.size())) {
                    remove(left, listener, e);
                }
                throw e;
            }
        }
    }

    private void send(ClonedDomain clone, Cancellation cancellation, Operation.Listener listener) throws Exception {
        Migrate migrate = new Migrate(host, journal, trash);
        MigratePlan plan = migrate.plan(clone.uuid(), way);
        for (Finding finding : plan.findings()) {
            if (finding.kind() == Finding.Kind.BLOCKER) {
                throw JvirtException.refused(
                        "the clone '" + clone.name() + "' cannot be moved to " + way.targetUri() + ": "
                                + finding.text(),
                        finding.solution());
            }
        }
        migrate.perform(plan, cancellation, listener);
        forget(clone, listener);
    }

    /** Its disks here were never anybody's. */
    private void forget(ClonedDomain clone, Operation.Listener listener) throws Exception {
        Purge purge = new Purge(host, journal, trash);
        for (TrashedMachine machine : purge.list()) {
            if (machine.uuid().equals(clone.uuid())) {
                purge.perform(machine, new Cancellation(), listener);
            }
        }
    }

    private void remove(ClonedDomain clone, Operation.Listener listener, Exception reason) throws IOException {
        try {
            try (Domain there = host.domainWithUuid(clone.uuid())) {
                if (there == null) {
                    return;
                }
            }
            Delete delete = new Delete(host, journal, trash);
            delete.perform(
                    delete.plan(clone.uuid(), new DeleteOptions(false, false, true)), new Cancellation(), listener);
        } catch (Exception e) {
            reason.addSuppressed(e);
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    reason.getMessage() + "; and the clone '" + clone.name() + "' is still here: " + e.getMessage(),
                    "jvirt delete " + clone.name() + " --purge, or move it: jvirt migrate " + clone.name() + " --to "
                            + way.targetUri(),
                    reason);
        }
    }
}
