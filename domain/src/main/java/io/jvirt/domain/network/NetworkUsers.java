// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.step.NetworkRemoveStep;
import io.jvirt.domain.step.NetworkStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Interface;
import java.util.ArrayList;
import java.util.List;

/** Which domains have an interface on a network, and stopping and deleting where there are none. */
public final class NetworkUsers {
    private NetworkUsers() {}

    /** @param onlyRunning those that are off do not count */
    public static List<String> of(Host host, String network, boolean onlyRunning) {
        List<String> users = new ArrayList<>();
        for (DomainSummary summary : host.listDomains()) {
            if (onlyRunning && !summary.status().state().isActive()) {
                continue;
            }
            try (Domain domain = host.domainWithUuid(summary.uuid())) {
                if (domain != null
                        && DomainXml.parse(domain.xml()).interfaces().stream()
                                .anyMatch(i -> network.equals(i.get(Interface.SOURCE_NETWORK)))) {
                    users.add(summary.name());
                }
            }
        }
        return users;
    }

    /** REFUSED while a running domain is plugged in, unless {@code force}. */
    public static void stop(Host host, String name, boolean force) {
        try (Network network = Network.find(host, name)) {
            if (!network.isActive()) {
                return;
            }
            List<String> users = force ? List.of() : of(host, name, true);
            if (!users.isEmpty()) {
                throw JvirtException.refused(
                        "network '" + name + "' carries the running domain " + quoted(users),
                        "it would lose its link until it is started anew: jvirt stop " + ShellWord.quoted(users.get(0))
                                + " first, or jvirt net stop " + ShellWord.quoted(name) + " --force");
            }
            network.stop();
        }
    }

    /** REFUSED while a domain's definition names it, unless {@code force}. */
    public static void delete(Host host, Journal journal, String name, boolean force, Cancellation cancellation)
            throws Exception {
        NetworkStep.Spec was;
        try (Network network = Network.find(host, name)) {
            List<String> users = force ? List.of() : of(host, name, false);
            if (!users.isEmpty()) {
                throw JvirtException.refused(
                        "network '" + name + "' is used by domain " + quoted(users)
                                + ", which could not start without it",
                        "give it another network first, or: jvirt net delete " + ShellWord.quoted(name) + " --force");
            }
            boolean isPersistent = network.isPersistent();
            was = new NetworkStep.Spec(
                    network.name(),
                    network.uuid(),
                    isPersistent ? network.inactiveXml() : network.xml(),
                    network.isActive(),
                    isPersistent && network.autostart());
        }
        try (Operation operation = journal.begin(
                "net-delete",
                host.uri(),
                List.of(JournalName.network(was.name())),
                List.of(new NetworkRemoveStep(was)))) {
            operation.perform(host, cancellation, (plan, undoing) -> {});
        }
    }

    private static String quoted(List<String> users) {
        return "'" + users.get(0) + "'" + (users.size() == 1 ? "" : " and " + (users.size() - 1) + " more");
    }
}
