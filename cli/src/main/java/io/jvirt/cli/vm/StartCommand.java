// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOn;
import io.jvirt.domain.power.PowerResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (hasConsole) {
            return startWithConsole(context);
        }
        PowerAnswer answer = new PowerAnswer();
        try (Host host = Host.open(context.options().connect())) {
            for (String name : names) {
                try {
                    answer.add(PowerOn.start(host, name, isPaused));
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
                    "--console goes with one domain that runs", "jvirt start " + names.get(0) + " --console");
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
                new Example("jvirt start web db cache", "several; one that fails does not keep the others off"));
    }
}
