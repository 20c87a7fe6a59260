// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.delete.Purge;
import io.jvirt.domain.delete.TrashedMachine;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.trash.Trash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class PurgeCommand implements CliCommand {
    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Deleted domains: name, UUID, or id in the trash.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--all", description = "Everything that is in the trash.")
    private boolean isAll;

    @Option(names = "--older-than", paramLabel = "AGE", description = "What was deleted longer ago: 7d, 12h.")
    private @Nullable String olderThan;

    @Option(
            names = "--max-size",
            paramLabel = "SIZE",
            description = "The oldest ones, until the rest takes no more than this on disk: 100G.")
    private @Nullable String maxSize;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Option(names = "--dry-run", description = "Say what would go, and touch nothing.")
    private boolean isDryRun;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (names.isEmpty() && !isAll && olderThan == null && maxSize == null) {
            throw JvirtException.usage(
                    "nothing says what is to be purged",
                    "name a deleted domain, or give --all, --older-than or --max-size");
        }
        try (Host host = Host.open(context.options().connect())) {
            Purge purge = new Purge(host, Steps.journal(), new Trash(StateDirectory.current()));
            List<TrashedMachine> machines = purge.choose(
                    names,
                    isAll,
                    olderThan == null ? null : DurationText.parse("--older-than", olderThan),
                    maxSize == null ? -1 : maximum(maxSize));
            if (!machines.isEmpty() && !isDryRun) {
                context.confirm("Remove for good " + text(machines) + "?", isYes);
                for (TrashedMachine machine : machines) {
                    purge.perform(machine, context.cancellation(), new StepNotes(context));
                }
            }
            String line = machines.isEmpty()
                    ? "Nothing is to be purged"
                    : (isDryRun ? "Would be removed for good; nothing is changed: " : "Removed for good: ")
                            + text(machines);
            context.print(Answer.list("machines", machines, TrashedMachine::id).lines(List.of(line)));
            return ExitCode.DONE;
        }
    }

    private static long maximum(String text) {
        return text.equals("0") ? 0 : SizeText.parse(text, "--max-size", 0);
    }

    private static String text(List<TrashedMachine> machines) {
        return String.join(
                ", ",
                machines.stream()
                        .map(m -> "'" + m.name() + "' (" + m.id() + ", " + ByteText.of(m.allocatedBytes()) + ")")
                        .toList());
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt purge web", "remove a deleted domain for good; asks first"),
                new Example("jvirt purge --older-than 7d --yes", "for a timer: what was deleted a week ago"),
                new Example("jvirt purge --max-size 100G --yes", "the oldest ones, until 100 GiB are left"),
                new Example("jvirt purge --all --dry-run", "see what is in the trash and what would be freed"));
    }
}
