// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address that a network's DHCP server keeps for one guest.
 *
 * @param mac null where a name or an IPv6 identifier tells the guest
 */
public record Reservation(
        @Nullable String mac, String address, @Nullable String hostname) {
    /** Those of a network's definition. */
    public static List<Reservation> of(XmlElement network) {
        List<Reservation> found = new ArrayList<>();
        for (XmlElement ip : network.elements("ip")) {
            XmlElement dhcp = ip.element("dhcp");
            for (XmlElement host : dhcp == null ? List.<XmlElement>of() : dhcp.elements("host")) {
                String address = host.attribute("ip");
                found.add(
                        new Reservation(host.attribute("mac"), address == null ? "" : address, host.attribute("name")));
            }
        }
        return found;
    }

    boolean isOf(String macOrAddressOrName) {
        return macOrAddressOrName.equalsIgnoreCase(mac)
                || macOrAddressOrName.equals(address)
                || macOrAddressOrName.equals(hostname);
    }

    @Override
    public String toString() {
        return address + " for " + (mac == null ? hostname : mac + (hostname == null ? "" : " (" + hostname + ")"));
    }
}
