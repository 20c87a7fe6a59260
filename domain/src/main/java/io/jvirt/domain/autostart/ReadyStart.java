// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.power.PowerResult;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Starts one machine and waits until its guest is ready. */
public final class ReadyStart {
    /** Stands for the probe of the machine's place in the order. */
    public static final String OWN_PROBE = "ready";

    private ReadyStart() {}

    /**
     * Starts a machine, or finds it running, and waits for its probe.
     *
     * @param probeText a probe, or {@link #OWN_PROBE}
     */
    public static PowerResult start(
            Host host, String name, String probeText, Duration timeout, Cancellation cancellation) {
        String found;
        Probe probe;
        try (Domain domain = host.findDomain(name)) {
            found = domain.name();
            probe = probeText.equals(OWN_PROBE) ? ownProbe(domain) : Probe.parse("--wait", probeText);
        }
        try (MachineStart machine = new MachineStart(host, found, probe, timeout, cancellation)) {
            MachineStart.Started started = machine.start();
            String notReady = machine.awaitReady();
            if (notReady != null) {
                throw JvirtException.failed(
                        "domain '" + found + "' runs but is not ready: " + notReady,
                        "--timeout gives it more time; jvirt console " + ShellWord.quoted(found)
                                + " shows what it does");
            }
            return new PowerResult(
                    found,
                    started == MachineStart.Started.NOW
                            ? PowerResult.Outcome.STARTED
                            : PowerResult.Outcome.ALREADY_RUNNING);
        }
    }

    private static Probe ownProbe(Domain domain) {
        @Nullable OrderedStart place = OrderedStart.of(VmMetadata.of(domain));
        if (place == null || place.ready() == null) {
            throw JvirtException.usage(
                    "domain '" + domain.name() + "' has no probe of its own to wait for",
                    "jvirt start " + ShellWord.quoted(domain.name())
                            + " --wait agent, or give it one: jvirt autostart on " + ShellWord.quoted(domain.name())
                            + " --ready …");
        }
        return place.ready();
    }
}
