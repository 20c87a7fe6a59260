// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ObjectName;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network that is to be made.
 *
 * @param device the host's interface that traffic may leave by; null for any
 * @param bridge BRIDGE: the host's bridge; else the name of the new one, null for libvirt's choice
 * @param subnets {@code ADDRESS/PREFIX}, IPv4 and IPv6; the address is the host's own where it is not the lowest
 * @param dhcp whether libvirt gives out addresses
 * @param dhcpStart the first and the last address to give out; null for all that there are
 * @param domain the DNS domain of the guests
 */
public record NetworkPlan(
        String name,
        ForwardMode mode,
        @Nullable String device,
        @Nullable String bridge,
        List<String> subnets,
        boolean dhcp,
        @Nullable String dhcpStart,
        @Nullable String dhcpEnd,
        @Nullable String domain) {

    /** The kernel's limit for the name of a device. */
    private static final int MAX_DEVICE_LENGTH = 15;

    public NetworkPlan {
        subnets = List.copyOf(subnets);
    }

    NetworkPlan withSubnet(String subnet) {
        return new NetworkPlan(name, mode, device, bridge, List.of(subnet), dhcp, dhcpStart, dhcpEnd, domain);
    }

    /** Throws USAGE where it cannot be, whatever the host has. */
    public NetworkPlan check() {
        ObjectName.check("network", name);
        if (bridge != null && (bridge.length() > MAX_DEVICE_LENGTH || !bridge.matches("[^\\s\\p{Cntrl}/:]+"))) {
            throw JvirtException.usage(
                    "'" + bridge + "' cannot be a bridge's name",
                    "a device's name has at most 15 characters, and no blank, '/' or ':' among them, such as br0");
        }
        if (mode == ForwardMode.BRIDGE) {
            checkBridged();
            return this;
        }
        if ((mode == ForwardMode.ISOLATED || mode == ForwardMode.OPEN) && device != null) {
            throw JvirtException.usage(
                    mode == ForwardMode.OPEN
                            ? "an open network leaves by whatever device the host routes to"
                            : "an isolated network leaves by no device",
                    "leave --dev out");
        }
        boolean hasIpv4 = false;
        for (String text : subnets) {
            Subnet subnet = Subnet.parse(text);
            hasIpv4 |= subnet.bits() == Subnet.IPV4_BITS;
            if (subnet.bits() == Subnet.IPV4_BITS && (subnet.prefix() < 8 || subnet.prefix() > 30)) {
                throw JvirtException.usage(
                        "the subnet " + text + " is too " + (subnet.prefix() < 8 ? "large" : "small"),
                        "a prefix from 8 to 30 leaves room, such as 192.168.150.0/24");
            }
        }
        if (dhcpStart != null && !hasIpv4) {
            throw JvirtException.usage("--dhcp-range needs --subnet", "such as --subnet 192.168.150.0/24");
        }
        checkRange();
        return this;
    }

    private void checkBridged() {
        if (bridge == null) {
            throw JvirtException.usage(
                    "a bridged network needs --bridge", "the host's bridge: ip link show type bridge lists them");
        }
        if (!subnets.isEmpty() || dhcpStart != null || domain != null || device != null) {
            throw JvirtException.usage(
                    "a bridged network has the addresses of what its bridge leads to",
                    "leave --subnet, --dhcp-range, --domain and --dev out");
        }
    }

    private void checkRange() {
        if (dhcpStart == null || dhcpEnd == null) {
            return;
        }
        for (String end : List.of(dhcpStart, dhcpEnd)) {
            if (subnets.stream().map(Subnet::parse).noneMatch(s -> s.contains(end))) {
                throw JvirtException.usage(
                        "the address " + end + " of --dhcp-range is not in " + String.join(", ", subnets),
                        "give the first and the last address, such as 192.168.150.100,192.168.150.200");
            }
        }
        if (numberOf(dhcpStart).compareTo(numberOf(dhcpEnd)) > 0) {
            throw JvirtException.usage("--dhcp-range ends before it begins", "write " + dhcpEnd + "," + dhcpStart);
        }
    }

    private static BigInteger numberOf(String checked) {
        BigInteger number = Subnet.number(checked);
        return number == null ? BigInteger.ZERO : number;
    }

    /** libvirt's XML. */
    public String xml(String uuid) {
        XmlDocument document = XmlDocument.of("network");
        XmlElement root = document.root();
        root.add("name").text(name);
        root.add("uuid").text(uuid);
        if (mode != ForwardMode.ISOLATED) {
            root.add("forward").attribute("mode", mode.id()).attribute("dev", device);
        }
        if (bridge != null) {
            root.add("bridge").attribute("name", bridge);
        }
        if (domain != null) {
            root.add("domain").attribute("name", domain).attribute("localOnly", "yes");
        }
        for (String text : subnets) {
            addIp(root, text);
        }
        return document.toString();
    }

    private void addIp(XmlElement root, String text) {
        Subnet subnet = Subnet.parse(text);
        String given = text.substring(0, text.indexOf('/'));
        String own = given.equals(subnet.address(0)) ? subnet.address(1) : given;
        boolean isV6 = subnet.bits() == Subnet.IPV6_BITS;
        XmlElement ip = root.add("ip");
        if (isV6) {
            ip.attribute("family", "ipv6");
        }
        ip.attribute("address", own).attribute("prefix", Integer.toString(subnet.prefix()));
        if (!dhcp) {
            return;
        }
        boolean isInRange = dhcpStart != null && subnet.contains(dhcpStart);
        if (isInRange || dhcpStart == null) {
            XmlElement range = ip.add("dhcp").add("range");
            range.attribute("start", isInRange ? dhcpStart : isV6 ? subnet.address(0x100) : afterOwn(subnet, own));
            range.attribute("end", isInRange ? dhcpEnd : isV6 ? subnet.address(0x1ff) : beforeOwn(subnet, own));
        }
    }

    private static String afterOwn(Subnet subnet, String own) {
        return own.equals(subnet.address(1)) ? subnet.address(2) : subnet.address(1);
    }

    /** The host's own address ends the range where it lies inside. */
    private static String beforeOwn(Subnet subnet, String own) {
        if (own.equals(subnet.address(1)) || own.equals(subnet.address(-2))) {
            return own.equals(subnet.address(1)) ? subnet.address(-2) : subnet.address(-3);
        }
        long at = numberOf(own).subtract(subnet.first()).longValueExact();
        return subnet.address(at - 1);
    }
}
