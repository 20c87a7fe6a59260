// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOn;
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

    @Override
    public ExitCode run(CommandContext context) throws Exception {
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

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt start web", "start a domain"),
                new Example("jvirt start web db cache", "several; one that fails does not keep the others off"));
    }
}
