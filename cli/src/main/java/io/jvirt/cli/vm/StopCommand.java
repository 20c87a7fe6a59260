// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class StopCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long the guest may take to shut down: 60 (seconds, the default), 5m, 1h; 0 with --force"
                    + " pulls the plug at once.")
    private @Nullable String timeout;

    @Option(names = "--force", description = "Pull the plug where the guest has not shut down by then.")
    private boolean isForced;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration limit = timeout == null ? PowerOff.DEFAULT_LIMIT : DurationText.parse("--timeout", timeout);
        if (limit.isZero() && !isForced) {
            throw JvirtException.usage(
                    "--timeout 0 gives the guest no time to shut down", "add --force to pull the plug");
        }
        PowerAnswer answer = new PowerAnswer();
        try (Host host = Host.open(context.options().connect())) {
            stop(context, host, limit, answer);
        }
        answer.print(context);
        return ExitCode.DONE;
    }

    /** All guests shut down at once, so that the limit is one for all. */
    private void stop(CommandContext context, Host host, Duration limit, PowerAnswer answer) {
        List<PowerOff> begun = new ArrayList<>();
        try {
            for (String name : names) {
                try {
                    begun.add(PowerOff.begin(host, name, limit, isForced));
                } catch (JvirtException e) {
                    answer.failed(e);
                }
            }
            for (PowerOff off : begun) {
                try {
                    answer.add(off.await(context::note, context.cancellation()));
                } catch (JvirtException e) {
                    answer.failed(e);
                }
            }
        } finally {
            for (PowerOff off : begun) {
                off.close();
            }
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt stop web", "ask the guest to shut down and wait up to a minute"),
                new Example("jvirt stop web db --timeout 5m", "two at once, with more time"),
                new Example("jvirt stop web --timeout 30 --force", "pull the plug if it is not off after 30 seconds"),
                new Example("jvirt stop web --timeout 0 --force", "pull the plug now"));
    }
}
