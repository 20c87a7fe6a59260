// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.VmMetadata;
import java.util.ArrayList;
import java.util.List;

/** Gives machines a place in the order of starts, and takes it away. */
public final class Ordering {
    /**
     * What was set.
     *
     * @param libvirtsFlagWasOn libvirt would have started it too; it does no longer
     * @param unordered prerequisites that jvirt does not start with the host: the machine waits until they run
     */
    public record Placed(String name, OrderedStart start, boolean libvirtsFlagWasOn, List<String> unordered) {}

    private Ordering() {}

    /** Sets a machine's place; a cycle, or a prerequisite of a higher order, is refused and nothing is changed. */
    public static Placed set(Host host, String name, OrderRequest request) {
        try (Domain domain = host.findDomain(name);
                DomainLock lock = DomainLock.take("autostart on", host, domain)) {
            if (!domain.isPersistent()) {
                throw JvirtException.failed(
                        "domain '" + domain.name() + "' is transient: it has no definition to start from",
                        "define it first: jvirt dumpxml " + ShellWord.quoted(domain.name())
                                + " >vm.xml; jvirt define vm.xml");
            }
            List<OrderedDomain> others = new ArrayList<>(OrderedDomain.all(host, unreadable -> {}));
            String uuid = domain.uuid();
            others.removeIf(other -> other.uuid().equals(uuid));
            OrderedStart start = request.resolve(host, others);
            OrderedDomain changed = new OrderedDomain(summaryOf(host, uuid), start);
            List<OrderedDomain> all = new ArrayList<>(others);
            all.add(changed);
            StartGraph graph = new StartGraph(all);
            graph.check(changed);
            boolean libvirtsFlagWasOn = domain.autostart();
            // The metadata first: cut off between the two, 'autostart run' finds both and switches the flag off.
            VmMetadata.change(domain, start::writeTo);
            if (libvirtsFlagWasOn) {
                domain.setAutostart(false);
            }
            List<String> unordered = new ArrayList<>();
            for (Prerequisite.AfterDomain after : start.domains()) {
                if (graph.find(after) == null) {
                    unordered.add(after.name());
                }
            }
            return new Placed(domain.name(), start, libvirtsFlagWasOn, unordered);
        }
    }

    /** The place that a machine has, for one that is asked to start with the host by no other option. */
    public static boolean isOrdered(Domain domain) {
        return OrderedStart.of(VmMetadata.of(domain)) != null;
    }

    /**
     * Takes a machine's place away.
     *
     * @return the machines that say they start after it
     */
    public static List<String> remove(Host host, Domain domain) {
        if (!isOrdered(domain)) {
            return List.of();
        }
        String uuid = domain.uuid();
        StartGraph graph = new StartGraph(OrderedDomain.all(host, unreadable -> {}));
        List<String> dependents = new ArrayList<>();
        for (OrderedDomain other : graph.inOrder()) {
            for (Prerequisite.AfterDomain after : other.start().domains()) {
                if (after.uuid().equals(uuid)) {
                    dependents.add(other.name());
                }
            }
        }
        VmMetadata.change(domain, OrderedStart::remove);
        return dependents;
    }

    private static DomainSummary summaryOf(Host host, String uuid) {
        for (DomainSummary summary : host.listDomains()) {
            if (summary.uuid().equals(uuid)) {
                return summary;
            }
        }
        throw JvirtException.notFound("domain " + uuid + " has disappeared meanwhile", "jvirt list shows the domains");
    }
}
