// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.HostBridge;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Interface;
import java.util.ArrayList;
import java.util.List;

/** Checks that what interfaces connect to is there, and gives each an address. */
final class NetworkCheck {
    private static final String DEFAULT = "default";

    private final Host host;
    private final HostFacts facts;
    private final SystemDevices devices;

    NetworkCheck(Host host, HostFacts facts, SystemDevices devices) {
        this.host = host;
        this.facts = facts;
        this.devices = devices;
    }

    /** The interfaces, each with a MAC address. */
    List<NetworkRequest> plan(CreateRequest request) {
        List<NetworkRequest> wanted = request.networks();
        if (wanted == null) {
            wanted = List.of(
                    facts.isSession()
                            ? new NetworkRequest(NetworkRequest.Kind.USER, "", null, null)
                            : new NetworkRequest(NetworkRequest.Kind.NETWORK, DEFAULT, null, null));
        }
        String model = devices.model() == null ? "virtio" : devices.model();
        List<NetworkRequest> planned = new ArrayList<>();
        for (NetworkRequest n : wanted) {
            check(n);
            String mac = n.mac();
            if (mac != null) {
                refuseTaken(mac, planned);
            }
            planned.add(new NetworkRequest(
                    n.kind(),
                    n.source(),
                    n.model() == null ? model : n.model(),
                    mac == null ? MacAddress.random(MacAddress.LIBVIRT_PREFIX) : mac));
        }
        return planned;
    }

    void check(NetworkRequest network) {
        switch (network.kind()) {
            case NETWORK -> {
                try (Network found = Network.find(host, network.source())) {
                    if (!found.isActive()) {
                        throw JvirtException.failed(
                                "network '" + network.source() + "' is not active",
                                "jvirt net start " + ShellWord.quoted(network.source()));
                    }
                }
            }
            case BRIDGE -> {
                if (!host.isRemote() && !facts.isTest() && !HostBridge.exists(network.source())) {
                    throw JvirtException.notFound(
                            "there is no bridge '" + network.source() + "' on this host",
                            "ip link show type bridge lists them; --network default is the one of libvirt");
                }
            }
            case USER -> {}
        }
    }

    private void refuseTaken(String mac, List<NetworkRequest> planned) {
        for (NetworkRequest other : planned) {
            if (mac.equals(other.mac())) {
                throw JvirtException.usage("the MAC address " + mac + " is given twice", "leave one of them out");
            }
        }
        for (DomainSummary summary : host.listDomains()) {
            try (Domain domain = host.domainWithUuid(summary.uuid())) {
                if (domain == null) {
                    continue;
                }
                for (Interface i : DomainXml.parse(domain.xml()).interfaces()) {
                    if (mac.equalsIgnoreCase(i.get(Interface.MAC))) {
                        throw JvirtException.refused(
                                "the MAC address " + mac + " is that of domain '" + summary.name() + "'",
                                "leave mac= out for a new one");
                    }
                }
            }
        }
    }
}
