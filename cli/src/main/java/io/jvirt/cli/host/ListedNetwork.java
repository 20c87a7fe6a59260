// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import org.jspecify.annotations.Nullable;

/**
 * A virtual network in an answer.
 *
 * @param forward nat, route, bridge, open, …; isolated where it leads nowhere
 * @param address of the host in it, with its prefix or netmask
 */
public record ListedNetwork(
        String name,
        String uuid,
        boolean active,
        boolean persistent,
        boolean autostart,
        String forward,
        @Nullable String bridge,
        @Nullable String address) {
    static ListedNetwork of(Network network) {
        XmlElement root = XmlDocument.parse(network.xml()).root();
        XmlElement forward = root.element("forward");
        String mode = forward == null ? "isolated" : forward.attribute("mode");
        return new ListedNetwork(
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
}
