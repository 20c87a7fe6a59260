// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other verbs from a domain while one that makes a single change, with nothing to undo, is at it. The others' error
 * names this process and its command. It is an entry of the journal without steps: if its owner dies, nothing is left to
 * recover and the next verb removes it.
 *
 * <pre>{@code
 * try (DomainLock lock = DomainLock.take("rename", host, domain)) { … }
 * }</pre>
 *
 * Verbs with steps need none: their entry is the lock.
 */
public final class DomainLock implements AutoCloseable {
    private final @Nullable Operation operation;

    private DomainLock(@Nullable Operation operation) {
        this.operation = operation;
    }

    /** Takes the lock in this user's journal; REFUSED with the owner's name where another verb has the domain. */
    public static DomainLock take(String verb, Host host, Domain domain) {
        return take(verb, host, List.of(domain.name(), domain.uuid()));
    }

    /**
     * The same for several things, or for what there is not yet.
     *
     * @param things names and UUIDs of domains; others as {@link JournalName} has them
     */
    public static DomainLock take(String verb, Host host, List<String> things) {
        String uri = host.uri();
        // The test driver's domains are this process's own.
        if (uri.startsWith("test:")) {
            return new DomainLock(null);
        }
        Journal journal = new Journal(StateDirectory.current(), plan -> {
            throw new IllegalStateException("a lock has no steps");
        });
        return take(verb, journal, uri, things);
    }

    static DomainLock take(String verb, Journal journal, String uri, List<String> domains) {
        try {
            return new DomainLock(journal.begin(verb, uri, domains, List.of()));
        } catch (IOException e) {
            return unlocked(journal, uri, domains);
        } catch (JvirtException e) {
            if (e.kind() != JvirtException.Kind.FAILED) {
                throw e;
            }
            return unlocked(journal, uri, domains);
        }
    }

    /** A full or read-only disk must not keep anybody from stopping a machine. */
    private static DomainLock unlocked(Journal journal, String uri, List<String> domains) {
        try {
            journal.refuseOthers(uri, domains);
        } catch (IOException e) {
            throw Journal.unusable("cannot read the journal: ", e);
        }
        return new DomainLock(null);
    }

    @Override
    public void close() {
        if (operation == null) {
            return;
        }
        try (operation) {
            operation.end();
        } catch (IOException e) {
            // The entry counts as a lock of a dead owner once this process has ended.
            return;
        }
    }
}
