// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A virtual network.
 *
 * @param forward nat, route, bridge, open, …; isolated where it leads nowhere
 * @param address of the host in it, with its prefix or netmask
 */
public record NetworkSummary(
        String name,
        String uuid,
        boolean active,
        boolean persistent,
        boolean autostart,
        String forward,
        @Nullable String bridge,
        @Nullable String address) {
    public static NetworkSummary of(Network network) {
        XmlElement root = XmlDocument.parse(network.xml()).root();
        XmlElement forward = root.element("forward");
        String mode = forward == null ? "isolated" : forward.attribute("mode");
        return new NetworkSummary(
                network.name(),
                network.uuid(),
                network.isActive(),
                network.isPersistent(),
                network.autostart(),
                mode == null ? "nat" : mode,
                network.bridge(),
                address(root.element("ip")));
    }

    private static @Nullable String address(@Nullable XmlElement ip) {
        String address = ip == null ? null : ip.attribute("address");
        if (ip == null || address == null) {
            return null;
        }
        String prefix = ip.attribute("prefix");
        String netmask = prefix == null ? ip.attribute("netmask") : prefix;
        return netmask == null ? address : address + "/" + netmask;
    }

    /** The ranges of a network's definition. */
    static List<Subnet> subnets(XmlElement network) {
        List<Subnet> subnets = new ArrayList<>();
        for (XmlElement ip : network.elements("ip")) {
            String prefix = ip.attribute("prefix");
            Subnet subnet = Subnet.of(ip.attribute("address"), prefix == null ? ip.attribute("netmask") : prefix);
            if (subnet != null) {
                subnets.add(subnet);
            }
        }
        return subnets;
    }
}
