// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.TrashRemoveStep;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The verb {@code purge}: frees what machines in the trash take. */
public final class Purge {
    private final Host host;
    private final Journal journal;
    private final Trash trash;

    public Purge(Host host, Journal journal, Trash trash) {
        this.host = host;
        this.journal = journal;
        this.trash = trash;
    }

    /**
     * Which machines go, oldest first.
     *
     * @param namesOrIds those, whatever their age
     * @param all every one
     * @param olderThan those that were deleted longer ago; null for no such rule
     * @param maxBytes the oldest ones, until the rest takes no more than this on disk; -1 for no such rule
     */
    public List<TrashedMachine> choose(
            List<String> namesOrIds, boolean all, @Nullable Duration olderThan, long maxBytes) throws IOException {
        Set<String> ids = new LinkedHashSet<>();
        for (String name : namesOrIds) {
            ids.add(trash.find(host, name).id());
        }
        List<TrashedMachine> machines = list();
        long left = machines.stream().mapToLong(TrashedMachine::allocatedBytes).sum();
        List<TrashedMachine> chosen = new ArrayList<>();
        for (TrashedMachine machine : machines) {
            boolean isOld = olderThan != null
                    && Instant.parse(machine.deletedAt()).isBefore(Instant.now().minus(olderThan));
            boolean isTooMuch = maxBytes >= 0 && left > maxBytes;
            if (all || ids.contains(machine.id()) || isOld || isTooMuch) {
                chosen.add(machine);
                left -= machine.allocatedBytes();
            }
        }
        refuseBases(chosen, ids);
        return chosen;
    }

    /** What is named may be the base of what stays; by age and size what lies on a base goes before it. */
    private void refuseBases(List<TrashedMachine> chosen, Set<String> named) throws IOException {
        if (named.isEmpty()) {
            return;
        }
        List<TrashRecord> entries = trash.list(host);
        TrashedBases bases = new TrashedBases(entries);
        for (TrashRecord entry : entries) {
            if (!named.contains(entry.id())) {
                continue;
            }
            for (TrashRecord above : bases.above(entry)) {
                if (chosen.stream().noneMatch(machine -> machine.id().equals(above.id()))) {
                    throw JvirtException.refused(
                            "the disks of '" + entry.name() + "' are the base of '" + above.name()
                                    + "', which is in the trash too",
                            "purge that one as well: jvirt purge " + above.id() + " " + entry.id());
                }
            }
        }
    }

    /** What is in the trash, oldest first. */
    public List<TrashedMachine> list() throws IOException {
        List<TrashedMachine> machines = new ArrayList<>();
        for (TrashRecord entry : trash.list(host)) {
            machines.add(TrashedMachine.of(entry));
        }
        return machines;
    }

    /** Removes one for good. */
    public void perform(TrashedMachine machine, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        TrashRecord entry = trash.find(host, machine.id());
        // Its name may be another machine's by now, so only the entry is locked.
        List<String> locked = List.of(entry.id());
        journal.refuseOthers(host.uri(), List.of(entry.id(), entry.uuid()));
        TrashRemoveStep step =
                new TrashRemoveStep("remove '" + entry.name() + "' from the trash", entry, trash.linkOf(entry), true);
        try (Operation operation = journal.begin("purge", host.uri(), locked, List.of(step))) {
            operation.perform(host, cancellation, listener);
        }
    }
}
