// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.JvirtException;

/** How it is known that a guest is ready to be depended on. */
public sealed interface Probe {
    /** As it is given on the command line and kept in the metadata. */
    String text();

    /** The address answers an ICMP echo request (or, for a user who may not send one, a connection to port 7). */
    record Ping(String address) implements Probe {
        @Override
        public String text() {
            return "ping:" + address;
        }
    }

    /** A connection to the port is accepted. */
    record Tcp(String address, int port) implements Probe {
        @Override
        public String text() {
            return "tcp:" + (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
        }
    }

    /** The guest agent answers. */
    record Agent() implements Probe {
        @Override
        public String text() {
            return "agent";
        }
    }

    /** The text appears on the first console, from the start on. */
    record ConsoleText(String expected) implements Probe {
        @Override
        public String text() {
            return "console:" + expected;
        }
    }

    /** @param option named in the error */
    static Probe parse(String option, String text) {
        if (text.equals("agent")) {
            return new Agent();
        }
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String rest = colon < 0 ? "" : text.substring(colon + 1);
        if (!rest.isEmpty()) {
            switch (kind) {
                case "ping" -> {
                    return new Ping(rest);
                }
                case "console" -> {
                    return new ConsoleText(rest);
                }
                case "tcp" -> {
                    int last = rest.lastIndexOf(':');
                    int port = last > 0 ? port(rest.substring(last + 1)) : -1;
                    String address = last > 0 ? rest.substring(0, last) : "";
                    boolean bracketed = address.startsWith("[") && address.endsWith("]");
                    if (port > 0 && (bracketed || address.indexOf(':') < 0)) {
                        return new Tcp(bracketed ? address.substring(1, address.length() - 1) : address, port);
                    }
                }
                default -> {}
            }
        }
        throw JvirtException.usage(
                option + " '" + text + "' is no probe", "write ping:ADDRESS, tcp:ADDRESS:PORT, agent, or console:TEXT");
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port <= 65535 ? port : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
