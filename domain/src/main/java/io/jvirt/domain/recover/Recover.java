// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.recover;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalEntry;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The verb {@code recover}. */
public final class Recover {
    private final Journal journal;

    public Recover(Journal journal) {
        this.journal = journal;
    }

    /** What is in the journal, oldest first. */
    public List<UnfinishedOperation> list() throws IOException {
        List<UnfinishedOperation> found = new ArrayList<>();
        for (JournalEntry entry : journal.entries()) {
            found.add(UnfinishedOperation.of(entry));
        }
        return found;
    }

    /** One of them, by its id or its domain. */
    public UnfinishedOperation find(String idOrDomain) throws IOException {
        return UnfinishedOperation.of(journal.find(idOrDomain));
    }

    /** False where another one that was recovered before has settled it too. */
    public boolean isUnfinished(String id) throws IOException {
        return journal.entries().stream().anyMatch(entry -> entry.id().equals(id));
    }

    /** Performs the steps that are not done yet. */
    public void resume(String id, Cancellation cancellation, Operation.Listener listener) throws Exception {
        JournalEntry entry = journal.find(id);
        try (Host host = Host.open(entry.uri());
                Operation operation = journal.adopt(entry)) {
            operation.perform(host, cancellation, listener);
        }
    }

    /** Undoes the steps that have begun. */
    public void rollback(String id, Operation.Listener listener) throws Exception {
        JournalEntry entry = journal.find(id);
        try (Host host = Host.open(entry.uri());
                Operation operation = journal.adopt(entry)) {
            operation.rollback(host, listener);
        }
    }
}
