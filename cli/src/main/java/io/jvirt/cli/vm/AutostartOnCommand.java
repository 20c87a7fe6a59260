// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.autostart.OrderRequest;
import io.jvirt.domain.autostart.OrderedStart;
import io.jvirt.domain.autostart.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Without options libvirt's daemon starts them, in no order. With any of the options jvirt starts them:"
                        + " 'jvirt autostart run' does, which 'jvirt autostart install-unit' has systemd call at boot; libvirt's"
                        + " own flag is then switched off. The options say all: what is not given has its default.")
public final class AutostartOnCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--order",
            paramLabel = "N",
            description = "Its place: lower numbers start first, and the next wait until these are ready or have"
                    + " failed. 100 where it is not given.")
    private @Nullable Integer order;

    @Option(
            names = "--after",
            paramLabel = "NAME[:PROBE]",
            description = "Start it only when that domain is ready, and passes the probe if one is given; for several"
                    + " domains again.")
    private List<String> after = new ArrayList<>();

    @Option(
            names = "--needs",
            paramLabel = "KIND:NAME",
            description =
                    "network:NAME or pool:NAME, which is started where it is not, or mount:PATH: start it only when that is there; for several again.")
    private List<String> needs = new ArrayList<>();

    @Option(
            names = "--ready",
            paramLabel = "PROBE",
            description = "When it counts as ready: ping:ADDRESS, tcp:ADDRESS:PORT, agent (the guest agent answers) or"
                    + " console:TEXT. Without it: as soon as it runs.")
    private @Nullable String ready;

    @Option(
            names = "--delay",
            paramLabel = "DURATION",
            description = "Wait this long before the start, once its turn has come: 10s, 1m.")
    private @Nullable String delay;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long it may take until it is ready, and each thing that it needs: 5m if not given.")
    private @Nullable String timeout;

    @Option(
            names = "--stop-timeout",
            paramLabel = "DURATION",
            description = "How long its guest may take to shut down in 'autostart stop': 2m if not given.")
    private @Nullable String stopTimeout;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        boolean isOrdered = order != null
                || !after.isEmpty()
                || !needs.isEmpty()
                || ready != null
                || delay != null
                || timeout != null
                || stopTimeout != null;
        AutostartSetting.switchOn(context, names, isOrdered ? request() : null);
        return ExitCode.DONE;
    }

    private OrderRequest request() {
        if (ready != null && names.size() > 1 && !ready.equals("agent") && !ready.startsWith("console:")) {
            throw JvirtException.usage(
                    "--ready " + ready + " is the address of one guest", "run the command for each domain");
        }
        return new OrderRequest(
                order,
                durationOf("--delay", delay, Duration.ZERO),
                ready == null ? null : Probe.parse("--ready", ready),
                durationOf("--timeout", timeout, OrderedStart.DEFAULT_TIMEOUT),
                durationOf("--stop-timeout", stopTimeout, OrderedStart.DEFAULT_STOP_TIMEOUT),
                after,
                needs);
    }

    private static Duration durationOf(String option, @Nullable String text, Duration absent) {
        return text == null ? absent : DurationText.parse(option, text);
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt autostart on web db", "libvirt starts both when the host has booted"),
                new Example(
                        "jvirt autostart on db --order 10 --ready tcp:192.168.122.10:5432",
                        "jvirt starts it among the first; it is ready when its port answers"),
                new Example(
                        "jvirt autostart on web --after db --needs network:default --delay 10s",
                        "only once db is ready and the network is there, ten seconds later"));
    }
}
