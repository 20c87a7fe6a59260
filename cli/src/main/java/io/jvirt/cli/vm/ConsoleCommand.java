// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class ConsoleCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Domain: name, UUID or number.")
    private String name = "";

    @Option(names = "--force", description = "Take the console from whoever holds it.")
    private boolean isForced;

    @Option(
            names = "--device",
            paramLabel = "ALIAS",
            description = "Another console or serial port: the alias in its running definition, such as serial1.")
    private @Nullable String device;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Leave after this time: 90 (seconds), 5m. Without it the guest's end or Ctrl-] leaves.")
    private @Nullable String timeout;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration limit = timeout == null ? null : DurationText.parse("--timeout", timeout);
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            return new ConsoleDialogue(context, host, domain).run(device, isForced, limit, false);
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt console web", "talk to the guest on its serial console; Ctrl-] leaves"),
                new Example(
                        "jvirt console web --timeout 60 | grep -m1 login:", "wait up to a minute for the login prompt"),
                new Example("jvirt console web --force", "take the console from a session that hangs"));
    }
}
