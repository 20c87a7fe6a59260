// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.DhcpLease;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Scope;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Changes a network's DHCP reservations, of the running network and of its definition at once: one call of libvirt. */
public final class Reservations {
    private static final Pattern MAC = Pattern.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}");

    private Reservations() {}

    /** Throws USAGE for what is none, REFUSED for what is somebody else's. */
    public static Reservation add(Network network, String mac, String address, @Nullable String hostname) {
        String lower = mac.toLowerCase(Locale.ROOT);
        checkMac(lower);
        XmlElement root = XmlDocument.parse(network.xml()).root();
        Reservation wanted = new Reservation(lower, address, hostname);
        int ip = ipFor(network, root, address);
        for (Reservation other : Reservation.of(root)) {
            if (other.isOf(lower) || other.isOf(address) || (hostname != null && other.isOf(hostname))) {
                throw JvirtException.refused(
                        "network '" + network.name() + "' keeps " + other + " already",
                        "jvirt net release " + ShellWord.quoted(network.name()) + " " + other.address() + " first");
            }
        }
        for (DhcpLease lease : network.isActive() ? NetworkDetails.leasesOf(network) : List.<DhcpLease>of()) {
            if (lease.address().equals(address) && !lower.equalsIgnoreCase(lease.mac())) {
                throw JvirtException.refused(
                        address + " is leased to " + lease.mac() + " now",
                        "choose another address: jvirt net info " + ShellWord.quoted(network.name())
                                + " shows the leases");
            }
        }
        network.addReservation(xml(wanted), ip, scope(network));
        return wanted;
    }

    /** NOT_FOUND where no reservation has that MAC address, address or name. */
    public static Reservation remove(Network network, String macOrAddressOrName) {
        XmlElement root = XmlDocument.parse(network.xml()).root();
        List<XmlElement> ips = root.elements("ip");
        for (int i = 0; i < ips.size(); i++) {
            XmlDocument one = XmlDocument.of("network");
            one.root().add(XmlDocument.parse(ips.get(i).toString()).root());
            for (Reservation found : Reservation.of(one.root())) {
                if (found.isOf(macOrAddressOrName)) {
                    network.removeReservation(xml(found), i, scope(network));
                    return found;
                }
            }
        }
        throw JvirtException.notFound(
                "network '" + network.name() + "' keeps no address for '" + macOrAddressOrName + "'",
                "jvirt net info " + ShellWord.quoted(network.name()) + " shows what it keeps");
    }

    private static void checkMac(String mac) {
        if (!MAC.matcher(mac).matches()) {
            throw JvirtException.usage("'" + mac + "' is no MAC address", "write six pairs, such as 52:54:00:12:34:56");
        }
        if ((Integer.parseInt(mac.substring(0, 2), 16) & 1) != 0) {
            throw JvirtException.usage(
                    "'" + mac + "' is the address of a group, not of one guest", "jvirt info DOMAIN shows a guest's");
        }
    }

    /** Which of the network's {@code <ip>} elements an address belongs to. */
    private static int ipFor(Network network, XmlElement root, String address) {
        List<XmlElement> ips = root.elements("ip");
        for (int i = 0; i < ips.size(); i++) {
            XmlElement ip = ips.get(i);
            String prefix = ip.attribute("prefix");
            Subnet subnet = Subnet.of(ip.attribute("address"), prefix == null ? ip.attribute("netmask") : prefix);
            if (subnet == null || subnet.bits() != Subnet.IPV4_BITS || !subnet.contains(address)) {
                continue;
            }
            if (ip.element("dhcp") == null) {
                throw JvirtException.failed(
                        "network '" + network.name() + "' gives out no addresses of " + subnet + ": it has no DHCP",
                        "a network gets DHCP when it is made: jvirt net create --help");
            }
            if (subnet.isReserved(address) || address.equals(ip.attribute("address"))) {
                throw JvirtException.usage(
                        address + " is not a guest's: it is the host's own, the lowest or the highest of " + subnet,
                        "choose another address of " + subnet);
            }
            return i;
        }
        throw JvirtException.usage(
                address + " is no IPv4 address of network '" + network.name() + "'",
                "its addresses are "
                        + String.join(
                                ", ",
                                NetworkSummary.subnets(root).stream()
                                        .map(Subnet::toString)
                                        .toList()));
    }

    private static String xml(Reservation reservation) {
        XmlElement host = XmlElement.named("host");
        host.attribute("mac", reservation.mac())
                .attribute("name", reservation.hostname())
                .attribute("ip", reservation.address());
        return host.toString();
    }

    private static Scope scope(Network network) {
        if (!network.isActive()) {
            return Scope.CONFIG;
        }
        return network.isPersistent() ? Scope.BOTH : Scope.LIVE;
    }
}
