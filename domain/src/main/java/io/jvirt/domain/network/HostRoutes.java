// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The routes of this machine, as the kernel lists them. */
public final class HostRoutes {
    /** An IPv4 route: interface, destination and mask in hexadecimal, least significant byte first. */
    private static final Path IPV4 = Path.of("/proc/net/route");

    /** An IPv6 route: destination and its prefix in hexadecimal first, the interface last. */
    private static final Path IPV6 = Path.of("/proc/net/ipv6_route");

    /** The kernel's own table of addresses is no route of anybody's. */
    private static final String LOOPBACK = "lo";

    private HostRoutes() {}

    /**
     * A route.
     *
     * @param device the interface that it leaves by
     */
    public record Route(Subnet destination, String device) {}

    public static List<Route> read() {
        List<Route> routes = new ArrayList<>(ipv4(lines(IPV4)));
        routes.addAll(ipv6(lines(IPV6)));
        return routes;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            // A kernel without that protocol.
            return List.of();
        }
    }

    static List<Route> ipv4(List<String> lines) {
        List<Route> routes = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.trim().split("\\s+", -1);
            if (cells.length < 8 || cells[0].equals("Iface")) {
                continue;
            }
            int prefix = Integer.bitCount((int) Long.parseLong(cells[7], 16));
            long destination = Integer.toUnsignedLong(Integer.reverseBytes((int) Long.parseLong(cells[1], 16)));
            // The default route leads to everywhere and takes nothing.
            if (prefix > 0) {
                routes.add(new Route(new Subnet(BigInteger.valueOf(destination), prefix, Subnet.IPV4_BITS), cells[0]));
            }
        }
        return routes;
    }

    static List<Route> ipv6(List<String> lines) {
        List<Route> routes = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.trim().split("\\s+", -1);
            if (cells.length < 10 || cells[9].equals(LOOPBACK)) {
                continue;
            }
            int prefix = Integer.parseInt(cells[1], 16);
            boolean isLinkLocalOrMulticast = cells[0].startsWith("fe8") || cells[0].startsWith("ff");
            if (prefix > 0 && !isLinkLocalOrMulticast) {
                routes.add(new Route(new Subnet(new BigInteger(cells[0], 16), prefix, Subnet.IPV6_BITS), cells[9]));
            }
        }
        return routes;
    }
}
