// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.autostart.OrderedStart;
import io.jvirt.domain.autostart.ReadyStart;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOn;
import io.jvirt.domain.power.PowerResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class StartCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--paused", description = "Start with the processors stopped; 'jvirt resume' lets it run.")
    private boolean isPaused;

    @Option(names = "--console", description = "Show the console from the first line on; for one domain.")
    private boolean hasConsole;

    @Option(
            names = "--wait",
            paramLabel = "PROBE",
            description =
                    "Return when the guest is ready: ping:ADDRESS, tcp:ADDRESS:PORT, agent (the guest agent answers),"
                            + " console:TEXT, or ready (the probe of 'autostart on --ready').")
    private @Nullable String probe;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long --wait waits for each domain: 90 (seconds), 10m; 5m if not given.")
    private @Nullable String timeout;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration limit = timeout == null ? OrderedStart.DEFAULT_TIMEOUT : DurationText.parse("--timeout", timeout);
        if (probe != null && (isPaused || hasConsole)) {
            throw JvirtException.usage(
                    "--wait goes with a guest that runs, and takes its console",
                    "jvirt start " + ShellWord.quoted(names.get(0)) + " --wait " + probe);
        }
        if (timeout != null && probe == null) {
            throw JvirtException.usage(
                    "--timeout is of --wait",
                    "jvirt start " + ShellWord.quoted(names.get(0)) + " --wait agent --timeout " + timeout);
        }
        if (hasConsole) {
            return startWithConsole(context);
        }
        PowerAnswer answer = new PowerAnswer();
        try (Host host = Host.open(context.options().connect())) {
            for (String name : names) {
                try {
                    answer.add(
                            probe == null
                                    ? PowerOn.start(host, name, isPaused)
                                    : ReadyStart.start(host, name, probe, limit, context.cancellation()));
                } catch (JvirtException e) {
                    answer.failed(e);
                }
            }
        }
        answer.print(context);
        return ExitCode.DONE;
    }

    private ExitCode startWithConsole(CommandContext context) throws IOException {
        if (names.size() != 1 || isPaused) {
            throw JvirtException.usage(
                    "--console goes with one domain that runs",
                    "jvirt start " + ShellWord.quoted(names.get(0)) + " --console");
        }
        try (Host host = Host.open(context.options().connect())) {
            // Paused until the console is open: the guest's first words would be lost.
            PowerResult result = PowerOn.start(host, names.get(0), true);
            context.note(result.sentence());
            boolean started = result.result() == PowerResult.Outcome.STARTED;
            try (Domain domain = host.findDomain(result.name())) {
                return new ConsoleDialogue(context, host, domain).run(null, false, null, started);
            }
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt start web", "start a domain"),
                new Example("jvirt start web --console", "and watch it boot; Ctrl-] leaves"),
                new Example("jvirt start web --wait agent --timeout 2m", "return when the guest agent answers"),
                new Example("jvirt start web db cache", "several; one that fails does not keep the others off"));
    }
}
