// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.autostart.OrderedDomain;
import io.jvirt.domain.autostart.StartGraph;
import io.jvirt.domain.autostart.StopRun;
import io.jvirt.domain.autostart.StopRun.StopResult;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        description =
                "Shuts down what has a place in the order, in reverse: a domain is asked when those that start after it"
                        + " are off. One that is not off within its --stop-timeout is reported, and the others go on.")
public final class AutostartStopCommand implements CliCommand {
    private static final String[] HEADINGS = {"ORDER", "NAME", "RESULT", "REASON"};

    @Option(names = "--plan", description = "Print the order; stop nothing.")
    private boolean isPlan;

    @Option(names = "--force", description = "Pull the plug of guests that are not off in time.")
    private boolean isForced;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            StopRun run = new StopRun(
                    host,
                    new StartGraph(OrderedDomain.all(host, context::note)),
                    isForced,
                    context.cancellation(),
                    line -> AutostartRunCommand.note(context, line));
            if (isPlan) {
                List<OrderedAutostart> planned = new ArrayList<>();
                for (OrderedDomain domain : run.inReverse()) {
                    planned.add(OrderedAutostart.of(domain));
                }
                context.print(Answer.list("domains", planned, OrderedAutostart::name)
                        .table(OrderedAutostart.HEADINGS, OrderedAutostart::cells));
                return ExitCode.DONE;
            }
            List<StopResult> results = run.run();
            context.print(
                    Answer.list("domains", results, StopResult::name).table(HEADINGS, AutostartStopCommand::cells));
            return results.stream().allMatch(result -> result.result() != null) ? ExitCode.DONE : ExitCode.FAILED;
        }
    }

    private static String[] cells(StopResult result) {
        return new String[] {
            Integer.toString(result.order()),
            result.name(),
            result.result() == null
                    ? "still running"
                    : result.result().name().toLowerCase(Locale.ROOT).replace('_', ' '),
            result.reason() == null ? "-" : result.reason()
        };
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt autostart stop --plan", "what would stop in which order"),
                new Example(
                        "jvirt autostart stop --force", "before the host goes down: pull the plug of the slow ones"));
    }
}
