// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.xml.device.Interface;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Domains that cannot start for want of a network. */
final class Networks implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        Map<String, NetworkSummary> networks = new HashMap<>();
        facts.networks().forEach(network -> networks.put(network.name(), network));
        for (DoctorFacts.DomainFacts domain : facts.domains()) {
            for (Interface one : domain.xml().interfaces()) {
                String name = one.get(Interface.SOURCE_NETWORK);
                if (name == null) {
                    continue;
                }
                NetworkSummary network = networks.get(name);
                String subject = "domain '" + domain.name() + "'";
                if (network == null) {
                    found.accept(new Finding(
                            Severity.ERROR,
                            "missing-network",
                            subject,
                            "there is no network '" + name + "', and it cannot start without",
                            "jvirt net create " + ShellWord.quoted(name)));
                } else if (!network.active()) {
                    found.accept(new Finding(
                            Severity.WARNING,
                            "network-off",
                            subject,
                            "its network '" + name + "' is inactive, and it cannot start without",
                            "jvirt net start " + ShellWord.quoted(name)));
                } else if (domain.autostart() && !network.autostart()) {
                    found.accept(new Finding(
                            Severity.WARNING,
                            "network-not-at-boot",
                            subject,
                            "it starts with the host, its network '" + name + "' does not",
                            "jvirt net autostart " + ShellWord.quoted(name) + " on"));
                }
            }
        }
    }
}
