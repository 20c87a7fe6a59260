// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.network.NetworkSummary;
import java.util.ArrayList;
import java.util.List;

/** Whether guests have a network to be plugged into. */
final class NetworksCheck implements HostCheck {
    private static final String NAME = "networks";

    @Override
    public CheckResult look(CheckFacts facts) {
        List<String> active = new ArrayList<>();
        boolean needsForwarding = false;
        for (NetworkSummary network : facts.networks()) {
            if (network.active()) {
                active.add(network.name());
                needsForwarding |= List.of("nat", "route", "open").contains(network.forward());
            }
        }
        if (active.isEmpty()) {
            return CheckResult.warn(NAME, "no network is active", "jvirt setup starts or makes the default network");
        }
        MachineFacts machine = facts.machine();
        return machine != null && needsForwarding && !machine.isIpForwarding()
                ? CheckResult.fail(
                        NAME,
                        "the kernel does not forward packets: guests see nothing beyond this host",
                        "sysctl net.ipv4.ip_forward=1, or start the network anew: jvirt net stop "
                                + ShellWord.quoted(active.get(0)) + ", jvirt net start "
                                + ShellWord.quoted(active.get(0)))
                : CheckResult.pass(NAME, "active: " + String.join(", ", active));
    }
}
