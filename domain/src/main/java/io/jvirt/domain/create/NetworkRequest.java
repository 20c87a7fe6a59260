// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One {@code --network}.
 *
 * @param kind what it connects to
 * @param source the network's or the bridge's name; empty for user
 * @param model the adapter's model; null for virtio
 * @param mac null for a new one
 */
public record NetworkRequest(
        Kind kind,
        String source,
        @Nullable String model,
        @Nullable String mac) {
    /** What an interface connects to. */
    public enum Kind {
        NETWORK,
        BRIDGE,
        /** QEMU's own user-mode network: outgoing only, needs no privileges. */
        USER
    }

    private static final List<String> KEYS = List.of("network", "bridge", "model", "mac");

    /** Reads {@code NAME}, {@code bridge=br0} or {@code user}, each with {@code ,model=…,mac=…}. */
    public static NetworkRequest parse(String text) {
        Suboptions parts = Suboptions.parse("--network", text, KEYS);
        String network = parts.first() == null ? parts.get("network") : parts.first();
        String bridge = parts.get("bridge");
        if ((network == null) == (bridge == null)) {
            throw JvirtException.usage(
                    "--network '" + text + "' names " + (bridge == null ? "no network" : "a network and a bridge"),
                    "write --network default, --network bridge=br0 or --network none");
        }
        String mac = parts.get("mac");
        if (mac != null) {
            mac = checkMac(mac);
        }
        if (bridge != null) {
            return new NetworkRequest(Kind.BRIDGE, bridge, parts.get("model"), mac);
        }
        boolean isUser = "user".equals(parts.first());
        return new NetworkRequest(
                isUser ? Kind.USER : Kind.NETWORK, isUser || network == null ? "" : network, parts.get("model"), mac);
    }

    /** With another's model where it has none of its own. */
    public NetworkRequest withModelOf(NetworkRequest other) {
        return model != null ? this : new NetworkRequest(kind, source, other.model, mac);
    }

    private static String checkMac(String mac) {
        String lower = mac.toLowerCase(Locale.ROOT);
        if (!lower.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}")) {
            throw JvirtException.usage("the MAC address '" + mac + "' is not one", "write it as 52:54:00:12:34:56");
        }
        if ((Integer.parseInt(lower.substring(0, 2), 16) & 1) != 0) {
            throw JvirtException.usage(
                    "the MAC address '" + mac + "' is a multicast address, which no adapter can have",
                    "make its first byte even, such as 52");
        }
        return lower;
    }
}
