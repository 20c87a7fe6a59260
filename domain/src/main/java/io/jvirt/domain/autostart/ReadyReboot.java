// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.EventStream;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.Running;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Asks a guest to reboot and waits until it is ready again. */
public final class ReadyReboot {
    /** Stands for no probe: the machine has begun anew. */
    public static final String REBOOTED = "rebooted";

    private ReadyReboot() {}

    /**
     * Reboots.
     *
     * @param host opened for events
     * @param probeText a probe that looks at the guest from outside, or {@link #REBOOTED}
     * @param limit for the guest's end, and then for the probe
     * @return the domain's name
     */
    public static String reboot(Host host, String name, String probeText, Duration limit, Cancellation cancellation) {
        ReadyWait ready = probeText.equals(REBOOTED)
                ? null
                : ReadyWait.parse(probeText, limit, "ping:ADDRESS, tcp:ADDRESS:PORT, agent or " + REBOOTED);
        CountDownLatch begunAnew = new CountDownLatch(1);
        try (Domain domain = host.findDomain(name);
                DomainLock lock = DomainLock.take("reboot", host, domain)) {
            String found = domain.name();
            String uuid = domain.uuid();
            Running.checkGoing(domain, "reboot");
            // Before the request: the guest may be quick.
            try (EventStream events = EventStream.open(host, event -> {
                if (event.kind().equals("reboot") && uuid.equals(event.uuid())) {
                    begunAnew.countDown();
                }
            })) {
                domain.reboot();
                if (!Waiting.until(() -> begunAnew.getCount() == 0, limit, cancellation)) {
                    throw JvirtException.failed(
                            "domain '" + found + "' has not rebooted within " + limit.toSeconds() + " s",
                            "its guest may ignore the power button: jvirt reset " + ShellWord.quoted(found));
                }
            }
            if (ready != null) {
                ready.await(host, found, "has rebooted", cancellation);
            }
            return found;
        }
    }
}
