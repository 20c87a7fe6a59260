// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.cli.OutputFormat;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.inspect.DomainUsage;
import io.jvirt.domain.libvirt.DomainStats;
import io.jvirt.domain.libvirt.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        description =
                "Shows what the domains use, busiest first, and takes keys: up and down choose, s starts, x shuts down,"
                        + " K pulls the plug, p pauses or resumes, r reboots, c opens the console, o sorts by another column, q"
                        + " leaves. Where no terminal is, or with -o json, it prints one look and ends.")
public final class TopCommand implements CliCommand {
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);

    @Option(names = "--once", description = "Print one look, and end.")
    private boolean isOnce;

    @Option(names = "--all", description = "Show domains that are off, too.")
    private boolean isAll;

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            description = "The time between two looks, over which rates are taken: 2s if not given.")
    private @Nullable String interval;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration between = interval == null ? DEFAULT_INTERVAL : DurationText.parse("--interval", interval);
        if (between.toMillis() < 100) {
            throw JvirtException.usage("--interval " + interval + " is too short to see a rate", "give 100ms or more");
        }
        boolean isTerminal = context.stdio().isInTerminal() && context.stdio().isOutTerminal();
        try (Host host = Host.open(context.options().connect())) {
            if (isTerminal && !isOnce && context.options().output() == OutputFormat.TABLE) {
                return new TopDialogue(context, host, between, isAll).run();
            }
            return once(context, host, between);
        }
    }

    private ExitCode once(CommandContext context, Host host, Duration between) throws Exception {
        List<DomainStats> earlier = DomainStats.all(host);
        long begun = System.nanoTime();
        Thread.sleep(between.toMillis());
        List<DomainStats> later = DomainStats.all(host);
        List<DomainUsage> usage =
                shown(DomainUsage.of(earlier, later, Duration.ofNanos(System.nanoTime() - begun)), isAll);
        usage.sort(TopTable.Column.CPU.order());
        context.print(Answer.list("domains", usage, DomainUsage::name).table(TopTable.HEADINGS, TopTable::cells));
        return ExitCode.DONE;
    }

    /** A list of its own, to be sorted. */
    static List<DomainUsage> shown(List<DomainUsage> all, boolean withThoseThatAreOff) {
        List<DomainUsage> shown = new ArrayList<>(all);
        if (!withThoseThatAreOff) {
            shown.removeIf(domain -> !domain.state().isActive());
        }
        return shown;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt top", "watch the domains; q leaves"),
                new Example("jvirt top --once --all", "one look at all of them"),
                new Example("jvirt top --interval 10s -o json", "the rates over ten seconds, for a program"));
    }
}
