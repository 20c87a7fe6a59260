// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.autostart.OrderedDomain;
import io.jvirt.domain.autostart.StartGraph;
import io.jvirt.domain.autostart.StartResult;
import io.jvirt.domain.autostart.StartRun;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        description =
                "Starts what 'jvirt autostart on' gave a place in the order. A domain whose prerequisite fails is left"
                        + " off and reported; the exit code is then 1. Running it again goes on with what is not running.")
public final class AutostartRunCommand implements CliCommand {
    private static final String[] HEADINGS = {"ORDER", "NAME", "RESULT", "REASON"};

    @Option(names = "--plan", description = "Print the order and what each waits for; start nothing.")
    private boolean isPlan;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            List<String> unreadable = new ArrayList<>();
            StartGraph graph = new StartGraph(OrderedDomain.all(host, unreadable::add));
            unreadable.forEach(context::note);
            if (isPlan) {
                plan(context, graph);
                return unreadable.isEmpty() && graph.withoutOrder().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
            }
            List<StartResult> results =
                    new StartRun(host, graph, context.cancellation(), line -> note(context, line)).run();
            context.print(
                    Answer.list("domains", results, StartResult::name).table(HEADINGS, AutostartRunCommand::cells));
            boolean isComplete = unreadable.isEmpty() && results.stream().allMatch(StartResult::isReady);
            if (results.isEmpty() && unreadable.isEmpty()) {
                context.note("no domain has a place in the order; 'jvirt autostart on NAME --order N' gives it one");
            }
            return isComplete ? ExitCode.DONE : ExitCode.FAILED;
        }
    }

    private static void plan(CommandContext context, StartGraph graph) throws Exception {
        List<OrderedAutostart> planned = new ArrayList<>();
        for (OrderedDomain domain : graph.inOrder()) {
            planned.add(OrderedAutostart.of(domain));
        }
        context.print(Answer.list("domains", planned, OrderedAutostart::name)
                .table(OrderedAutostart.HEADINGS, OrderedAutostart::cells));
        for (OrderedDomain domain : graph.withoutOrder()) {
            context.note(
                    "domain '" + domain.name() + "' is on a cycle, or starts after one that is: it would be left off");
        }
    }

    static void note(CommandContext context, String line) {
        synchronized (context) {
            context.note(line);
        }
    }

    private static String[] cells(StartResult result) {
        return new String[] {
            Integer.toString(result.order()),
            result.name(),
            result.result().name().toLowerCase(Locale.ROOT).replace('_', ' '),
            result.reason() == null ? "-" : result.reason()
        };
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt autostart run --plan", "what would start in which order"),
                new Example("jvirt autostart run", "start it now"));
    }
}
