// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.libvirt.DhcpLease;
import io.jvirt.domain.libvirt.ErrorNumber;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as a whole.
 *
 * @param device the host's interface that traffic leaves by, where it is told
 * @param addresses the host's, with their prefix or netmask
 * @param dhcpRanges first and last address that is given out
 * @param leases while it is active
 * @param usedBy the domains whose definition names it
 * @param problem why guests on it would have no network, or null
 */
public record NetworkDetails(
        NetworkSummary network,
        @Nullable String device,
        List<String> addresses,
        List<String> dhcpRanges,
        List<Reservation> reservations,
        List<DhcpLease> leases,
        List<String> usedBy,
        @Nullable String problem) {
    public static NetworkDetails of(Host host, Network network) {
        NetworkSummary summary = NetworkSummary.of(network);
        XmlElement root = XmlDocument.parse(network.xml()).root();
        XmlElement forward = root.element("forward");
        List<String> addresses = new ArrayList<>();
        List<String> ranges = new ArrayList<>();
        for (XmlElement ip : root.elements("ip")) {
            String prefix = ip.attribute("prefix");
            String length = prefix == null ? ip.attribute("netmask") : prefix;
            addresses.add(ip.attribute("address") + (length == null ? "" : "/" + length));
            XmlElement dhcp = ip.element("dhcp");
            for (XmlElement range : dhcp == null ? List.<XmlElement>of() : dhcp.elements("range")) {
                ranges.add(range.attribute("start") + " - " + range.attribute("end"));
            }
        }
        return new NetworkDetails(
                summary,
                forward == null ? null : forward.attribute("dev"),
                addresses,
                ranges,
                Reservation.of(root),
                network.isActive() ? leasesOf(network) : List.of(),
                NetworkUsers.of(host, network.name(), false),
                problem(host, summary));
    }

    static List<DhcpLease> leasesOf(Network network) {
        try {
            return network.leases(null);
        } catch (LibvirtException e) {
            if (e.number() == ErrorNumber.NO_SUPPORT) {
                return List.of();
            }
            throw e;
        }
    }

    private static @Nullable String problem(Host host, NetworkSummary network) {
        String bridge = network.bridge();
        if (bridge == null
                || !network.active()
                || host.isRemote()
                || !host.uri().startsWith("qemu:")) {
            return null;
        }
        return HostBridge.exists(bridge) ? null : "there is no bridge '" + bridge + "' on this host";
    }
}
