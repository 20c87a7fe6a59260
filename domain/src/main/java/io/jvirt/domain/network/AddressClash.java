// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which addresses are taken on a host: by its other networks, active or not, and by its routes. */
public final class AddressClash {
    private static final int FIRST_SUBNET = 122;
    private static final int LAST_SUBNET = 254;

    /**
     * Somebody's addresses.
     *
     * @param who for people: {@code network 'default'}
     */
    record Taken(Subnet subnet, String who) {}

    private final List<Taken> taken;

    AddressClash(List<Taken> taken) {
        this.taken = taken;
    }

    /** The routes count where the host is this machine. */
    public static AddressClash read(Host host) {
        List<Taken> taken = new ArrayList<>();
        List<String> bridges = new ArrayList<>();
        for (Network network : Network.list(host)) {
            try (network) {
                XmlElement root = XmlDocument.parse(network.xml()).root();
                XmlElement bridge = root.element("bridge");
                String name = bridge == null ? null : bridge.attribute("name");
                if (name != null) {
                    bridges.add(name);
                }
                for (Subnet subnet : NetworkSummary.subnets(root)) {
                    taken.add(new Taken(subnet, "network '" + network.name() + "'"));
                }
            }
        }
        if (!host.isRemote()) {
            for (HostRoutes.Route route : HostRoutes.read()) {
                if (!bridges.contains(route.device())) {
                    taken.add(new Taken(route.destination(), "this host's route by " + route.device()));
                }
            }
        }
        return new AddressClash(taken);
    }

    void refuse(String text) {
        Subnet wanted = Subnet.parse(text);
        for (Taken one : taken) {
            if (one.subnet().overlaps(wanted)) {
                String free = freeSubnet();
                throw JvirtException.refused(
                        "the subnet " + wanted + " overlaps " + one.subnet() + " of " + one.who(),
                        free == null ? "choose another one" : "--subnet " + free + " is free");
            }
        }
    }

    /** 192.168.N.0/24 for the first N from 122 on that nobody has; null where there is none. */
    @Nullable
    String freeSubnet() {
        for (int n = FIRST_SUBNET; n <= LAST_SUBNET; n++) {
            Subnet candidate = Subnet.parse("192.168." + n + ".0/24");
            if (taken.stream().noneMatch(t -> t.subnet().overlaps(candidate))) {
                return candidate.toString();
            }
        }
        return null;
    }
}
