// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The network {@code default}: NAT behind a bridge of its own, with DHCP; active and started with libvirt. */
public final class DefaultNetwork {
    public static final String NAME = "default";

    /** 192.168.N.0/24 for the first N from here on that no interface uses: a guest in a guest has 122 outside already. */
    private static final int FIRST_SUBNET = 122;

    private static final int LAST_SUBNET = 254;

    /**
     * Defines the network, starts it and has it started with libvirt, each only where it is not so yet.
     *
     * @return what was done, in a few words; null where nothing was to do
     */
    public static @Nullable String ensure(Host host) {
        try (Network found = Network.named(host, NAME)) {
            if (found != null) {
                return start(found);
            }
        }
        try (Network made = Network.define(host, xml(subnet(usedSubnets())))) {
            start(made);
        }
        return "made network 'default'";
    }

    private static @Nullable String start(Network network) {
        boolean isStarted = !network.isActive();
        if (isStarted) {
            startOrSayWhoIsInTheWay(network);
        }
        if (network.isPersistent() && !network.autostart()) {
            network.setAutostart(true);
        }
        return isStarted ? "started network 'default'" : null;
    }

    private static void startOrSayWhoIsInTheWay(Network network) {
        try {
            network.start();
        } catch (LibvirtException e) {
            if (!e.reason().contains("already in use by interface")) {
                throw e;
            }
            throw new JvirtException(
                    e.kind(),
                    "network 'default' cannot start: its addresses are in use on this host (" + e.reason() + ")",
                    "give it another 192.168.N.0/24 in its definition, or make machines with --network none or bridge=NAME",
                    e);
        }
    }

    static String xml(int subnet) {
        String prefix = "192.168." + subnet + ".";
        XmlDocument network = XmlDocument.of("network");
        XmlElement root = network.root();
        root.add("name").text(NAME);
        root.add("forward").attribute("mode", "nat");
        root.add("bridge").attribute("name", "virbr0").attribute("stp", "on").attribute("delay", "0");
        XmlElement ip = root.add("ip").attribute("address", prefix + "1").attribute("netmask", "255.255.255.0");
        ip.add("dhcp").add("range").attribute("start", prefix + "2").attribute("end", prefix + "254");
        return network.toString();
    }

    static int subnet(Set<Integer> used) {
        for (int subnet = FIRST_SUBNET; subnet < LAST_SUBNET; subnet++) {
            if (!used.contains(subnet)) {
                return subnet;
            }
        }
        return FIRST_SUBNET;
    }

    private static Set<Integer> usedSubnets() {
        Set<Integer> used = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(networkInterface -> networkInterface.getInterfaceAddresses().stream())
                    .map(InterfaceAddress::getAddress)
                    .map(address -> address.getAddress())
                    .filter(bytes -> bytes.length == 4 && (bytes[0] & 0xff) == 192 && (bytes[1] & 0xff) == 168)
                    .forEach(bytes -> used.add(bytes[2] & 0xff));
        } catch (SocketException noInterfaces) {
            return used;
        }
        return used;
    }

    private DefaultNetwork() {}
}
