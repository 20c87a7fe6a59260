// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.autostart.Probe.Agent;
import io.jvirt.domain.autostart.Probe.Ping;
import io.jvirt.domain.autostart.Probe.Tcp;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.InterfaceAddress;
import io.jvirt.domain.libvirt.LibvirtException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** Probes a running guest until it is ready. A console's text is no matter of this: it must be watched from the start on. */
final class ProbeRun {
    private static final int ATTEMPT_MILLIS = 2000;

    private ProbeRun() {}

    /** False where the probe did not pass within the limit, or the guest went off. */
    static boolean await(Host host, String name, Probe probe, Duration limit, Cancellation cancellation) {
        try (Domain domain = host.findDomain(name)) {
            boolean[] gone = new boolean[1];
            boolean ended = Waiting.until(
                    () -> {
                        gone[0] = !domain.isActive();
                        return gone[0] || passes(domain, probe);
                    },
                    limit,
                    cancellation);
            return ended && !gone[0];
        }
    }

    private static boolean passes(Domain domain, Probe probe) {
        try {
            if (probe instanceof Ping ping) {
                return InetAddress.getByName(ping.address()).isReachable(ATTEMPT_MILLIS);
            }
            if (probe instanceof Tcp tcp) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(tcp.address(), tcp.port()), ATTEMPT_MILLIS);
                    return true;
                }
            }
            if (probe instanceof Agent) {
                domain.addresses(InterfaceAddress.Source.AGENT);
                return true;
            }
            throw new IllegalArgumentException("not a probe of a running guest: " + probe.text());
        } catch (IOException | LibvirtException e) {
            return false;
        }
    }
}
