// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.metadata.StartLock;
import io.jvirt.domain.metadata.VmMetadata;

/** Whether the domain is in a state to be moved. */
final class StateCheck implements MoveCheck {
    @Override
    public void run(Move move, Findings findings) {
        Domain domain = move.domain();
        String name = move.name();
        boolean isActive = domain.isActive();
        if (isActive && !move.request().isOfRunning()) {
            findings.blocker(
                    "state",
                    "domain '" + name + "' is running",
                    "jvirt stop " + ShellWord.quoted(name) + ", or move it while it runs: --presync, --live");
        } else if (!isActive && move.request().isOfRunning()) {
            String option = move.request().live() == null ? "--presync" : "--live";
            findings.blocker("state", "domain '" + name + "' is not running", "leave " + option + " out");
        } else if (!SavedMemory.isTaken(move) && DomainStateFiles.hasSavedState(move.source(), domain)) {
            findings.blocker(
                    "state",
                    "domain '" + name + "' has saved memory: its disks are in the middle of its work",
                    (isActive ? "" : "take it along: --managed-save; or ")
                            + "use it up: jvirt start " + ShellWord.quoted(name) + ", then jvirt stop "
                            + ShellWord.quoted(name)
                            + "; or drop it: virsh managedsave-remove " + name);
        }
        if (move.request().takesSavedMemory() && !DomainStateFiles.hasSavedState(move.source(), domain)) {
            findings.note("saved", "domain '" + name + "' has no saved memory to take along: it starts afresh");
        }
        if (move.request().live() != null && domain.snapshotCount() > 0) {
            findings.blocker(
                    "snapshot",
                    "domain '" + name + "' has " + domain.snapshotCount()
                            + " snapshot(s), which libvirt does not move with a running domain",
                    "move it with --presync, or delete them: jvirt snapshot delete");
        }
        StartLock lock = StartLock.of(VmMetadata.in(move.xml()));
        if (lock != null) {
            findings.blocker("state", "domain '" + name + "' is locked: " + lock.reason(), lock.nextCommand());
        }
        if (domain.checkpointCount() > 0 && isActive) {
            findings.blocker(
                    "checkpoint",
                    "domain '" + name + "' has " + domain.checkpointCount()
                            + " checkpoint(s), which cannot follow its disks while it runs",
                    "jvirt stop " + ShellWord.quoted(name) + ", then leave --presync out");
        }
    }
}
