// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.JvirtException;
import java.util.Locale;

/** Where a network leads. */
public enum ForwardMode {
    /** To the world, behind the host's address. */
    NAT,
    /** To the world, with the guests' own addresses: others need a route to them. */
    ROUTE,
    /** As ROUTE, and libvirt adds no firewall rules. */
    OPEN,
    /** Nowhere: guests see each other and the host. */
    ISOLATED,
    /** Into a bridge that the host has already; no addresses of libvirt's. */
    BRIDGE;

    public static ForwardMode parse(String text) {
        for (ForwardMode mode : values()) {
            if (mode.id().equals(text)) {
                return mode;
            }
        }
        throw JvirtException.usage(
                "unknown forward mode '" + text + "'", "--forward takes nat, route, open, isolated or bridge");
    }

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
