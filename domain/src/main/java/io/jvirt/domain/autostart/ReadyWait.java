// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Host;
import java.time.Duration;

/** The wait for a guest that goes on from where it was: after a reboot, a resume, a restore. */
public record ReadyWait(Probe probe, Duration limit) {
    /** @param others what may be waited for instead of a text on the console */
    public static ReadyWait parse(String probeText, Duration limit, String others) {
        Probe probe = Probe.parse("--wait", probeText);
        if (probe instanceof Probe.ConsoleText) {
            throw JvirtException.usage(
                    "--wait " + probeText + ": the console has the text of before, too", "wait for " + others);
        }
        return new ReadyWait(probe, limit);
    }

    /** @param participle what has been done to the domain: {@code has rebooted} */
    public void await(Host host, String name, String participle, Cancellation cancellation) {
        if (!ProbeRun.await(host, name, probe, limit, cancellation)) {
            cancellation.check();
            throw JvirtException.failed(
                    "domain '" + name + "' " + participle + " but is not ready: " + probe.text()
                            + " did not pass within " + limit.toSeconds() + " s",
                    "--timeout gives it more time; jvirt console " + ShellWord.quoted(name) + " shows what it does");
        }
    }
}
