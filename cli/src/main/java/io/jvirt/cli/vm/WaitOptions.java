// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.DurationText;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.autostart.OrderedStart;
import io.jvirt.domain.autostart.ReadyWait;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --wait} of the verbs after which a guest goes on from where it was. */
final class WaitOptions {
    @Option(
            names = "--wait",
            paramLabel = "PROBE",
            description = "Return when the guest is ready: ping:ADDRESS, tcp:ADDRESS:PORT, or agent (the guest agent"
                    + " answers).")
    private @Nullable String probe;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long --wait waits for each domain: 90 (seconds), 10m; 5m if not given.")
    private @Nullable String timeout;

    /** Null where nothing is to be waited for. */
    @Nullable
    ReadyWait parse(String command) {
        if (probe == null) {
            if (timeout != null) {
                throw JvirtException.usage(
                        "--timeout is of --wait", "jvirt " + command + " --wait agent --timeout " + timeout);
            }
            return null;
        }
        return ReadyWait.parse(
                probe,
                timeout == null ? OrderedStart.DEFAULT_TIMEOUT : DurationText.parse("--timeout", timeout),
                "ping:ADDRESS, tcp:ADDRESS:PORT or agent");
    }
}
