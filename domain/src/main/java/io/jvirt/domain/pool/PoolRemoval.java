// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.step.PoolRemoveStep;
import io.jvirt.domain.step.PoolStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.util.ArrayList;
import java.util.List;

/** Stopping and deleting pools. */
public final class PoolRemoval {
    private PoolRemoval() {}

    /** Throws REFUSED where a running domain's disk is named by the pool: libvirt would lose its way to it. */
    public static void stop(Host host, String name, boolean force) {
        if (!PoolReading.of(host, name, Pool::isActive)) {
            return;
        }
        try (Pool pool = Pool.find(host, name)) {
            if (!force) {
                refuseUsed(host, name, true, "stop " + name);
            }
            pool.stop();
        }
    }

    /**
     * Removes the definition, and where {@code storage} is set also what the pool consists of: its empty directory, its
     * empty volume group.
     */
    public static void delete(Host host, Journal journal, String name, boolean storage, Cancellation cancellation)
            throws Exception {
        PoolReading.of(host, name, Pool::isActive);
        PoolStep.Spec was;
        try (Pool pool = Pool.find(host, name)) {
            refuseUsed(host, name, false, "delete " + name);
            was = new PoolStep.Spec(
                    pool.name(),
                    pool.uuid(),
                    pool.isPersistent() ? pool.inactiveXml() : pool.xml(),
                    null,
                    false,
                    pool.isActive(),
                    pool.isPersistent() && pool.autostart());
            if (storage) {
                refuseFull(host, pool);
            }
        }
        try (Operation operation = journal.begin(
                "pool-delete",
                host.uri(),
                List.of(JournalName.pool(was.name())),
                List.of(new PoolRemoveStep(was, storage)))) {
            operation.perform(host, cancellation, (plan, undoing) -> {});
        }
    }

    private static void refuseFull(Host host, Pool pool) {
        boolean startedHere = false;
        if (!pool.isActive()) {
            pool.start();
            startedHere = true;
        }
        PoolContent content = PoolReading.content(host, pool.name());
        // libvirt does not list a volume group's inactive volumes, and removes them with the group.
        Long allocated = content.pool().allocationBytes();
        boolean isUsed = "logical".equals(content.pool().type()) && (allocated == null || allocated > 0);
        if (content.volumes().isEmpty() && content.pool().state() == PoolState.RUNNING && !isUsed) {
            return;
        }
        if (startedHere) {
            pool.stop();
        }
        List<String> names = content.volumes().stream().map(VolumeSummary::name).toList();
        if (names.isEmpty()) {
            throw JvirtException.refused(
                    "pool '" + pool.name() + "' is not empty: something that is no active volume takes space in it",
                    "look at it on the host: lvs -a " + content.pool().source());
        }
        throw JvirtException.refused(
                "pool '" + pool.name() + "' still holds " + names.size()
                        + (names.size() == 1 ? " volume: " : " volumes: ")
                        + String.join(", ", names.subList(0, Math.min(5, names.size())))
                        + (names.size() > 5 ? ", …" : ""),
                "delete them first: jvirt volume delete " + ShellWord.quoted(pool.name()) + " "
                        + ShellWord.quoted(names.get(0)) + "; or leave the storage: without --storage");
    }

    private static void refuseUsed(Host host, String pool, boolean onlyRunning, String verb) {
        List<String> users = users(host, pool, onlyRunning);
        if (!users.isEmpty()) {
            throw JvirtException.refused(
                    "pool '" + pool + "' holds disks of domain " + quoted(users) + ", which names the pool",
                    (onlyRunning ? "jvirt stop " : "jvirt delete ")
                            + users.get(0)
                            + (onlyRunning ? ", or jvirt pool " + verb + " --force" : ""));
        }
    }

    private static String quoted(List<String> users) {
        return users.size() == 1
                ? "'" + users.get(0) + "'"
                : "'" + users.get(0) + "' and " + (users.size() - 1) + " more";
    }

    /** Domains with a disk of the form pool and volume; those that name a path need no pool. */
    private static List<String> users(Host host, String pool, boolean onlyRunning) {
        List<String> users = new ArrayList<>();
        for (DomainSummary summary : host.listDomains()) {
            if (onlyRunning && !summary.status().state().isActive()) {
                continue;
            }
            try (Domain domain = host.domainWithUuid(summary.uuid())) {
                if (domain != null && names(DomainXml.parse(domain.xml()), pool)) {
                    users.add(summary.name());
                }
            }
        }
        return users;
    }

    private static boolean names(DomainXml domain, String pool) {
        for (Disk disk : domain.disks()) {
            XmlElement source = disk.element().element("source");
            if (source != null && pool.equals(source.attribute("pool"))) {
                return true;
            }
        }
        return false;
    }
}
