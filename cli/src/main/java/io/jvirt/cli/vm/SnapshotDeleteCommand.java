// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.snapshot.SnapshotChange;
import io.jvirt.domain.snapshot.SnapshotPlan;
import io.jvirt.domain.step.Steps;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class SnapshotDeleteCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain: name, UUID or number.")
    private String domain = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The snapshot.")
    private String name = "";

    @Option(names = "--children", description = "Those that were taken after it, too; for internal snapshots.")
    private boolean hasChildren;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Option(names = "--dry-run", description = "Check everything, say what would be done, and touch nothing.")
    private boolean isDryRun;

    /** The answer's record. */
    public record Deleted(String domain, String snapshot, List<String> steps) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            SnapshotChange change = new SnapshotChange(host, Steps.journal());
            SnapshotPlan plan = change.planDelete(domain, name, hasChildren);
            plan.notes().forEach(context::note);
            Deleted answer = new Deleted(plan.domain(), plan.snapshot(), plan.summaries());
            if (isDryRun) {
                context.print(Answer.one("delete", answer, name).lines(dryRun(plan)));
                return ExitCode.DONE;
            }
            context.confirm(
                    "Delete snapshot '" + name + "' of domain '" + plan.domain() + "'"
                            + (hasChildren ? " with those below it" : "") + "?",
                    isYes);
            change.delete(plan, hasChildren, context.cancellation(), new StepNotes(context));
            context.print(Answer.one("delete", answer, name)
                    .lines(List.of("Snapshot '" + name + "' of domain '" + plan.domain() + "' is deleted")));
        }
        return ExitCode.DONE;
    }

    private static List<String> dryRun(SnapshotPlan plan) {
        List<String> lines = new ArrayList<>();
        lines.add("Snapshot '" + plan.snapshot() + "' would be deleted; nothing is changed:");
        plan.summaries().forEach(summary -> lines.add("  " + summary));
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt snapshot delete web before-upgrade", "the domain stays as it is now"),
                new Example("jvirt snapshot delete web old --children --yes", "with all that were taken after it"),
                new Example("jvirt snapshot delete web base --dry-run", "see which images would be merged or stay"));
    }
}
