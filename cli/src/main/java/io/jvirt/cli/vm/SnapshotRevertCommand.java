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
public final class SnapshotRevertCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain: name, UUID or number.")
    private String domain = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The snapshot.")
    private String name = "";

    @Option(names = "--running", description = "It runs afterwards, also where it was off; for internal snapshots.")
    private boolean isRunning;

    @Option(names = "--force", description = "Also where libvirt sees a risk; for internal snapshots.")
    private boolean isForced;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Option(names = "--dry-run", description = "Check everything, say what would be done, and touch nothing.")
    private boolean isDryRun;

    /** The answer's record. */
    public record Reverted(String domain, String snapshot, List<String> steps) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            SnapshotChange change = new SnapshotChange(host, Steps.journal());
            SnapshotPlan plan = change.planRevert(domain, name);
            plan.notes().forEach(context::note);
            Reverted answer = new Reverted(plan.domain(), plan.snapshot(), plan.summaries());
            if (isDryRun) {
                context.print(Answer.one("revert", answer, name).lines(dryRun(plan)));
                return ExitCode.DONE;
            }
            context.confirm(
                    "Take domain '" + plan.domain() + "' back to snapshot '" + name
                            + "'? What it wrote since then is lost.",
                    isYes);
            change.revert(plan, isRunning, isForced, context.cancellation(), new StepNotes(context));
            context.print(Answer.one("revert", answer, name)
                    .lines(List.of("Domain '" + plan.domain() + "' is back at snapshot '" + name + "'")));
        }
        return ExitCode.DONE;
    }

    private static List<String> dryRun(SnapshotPlan plan) {
        List<String> lines = new ArrayList<>();
        lines.add("Domain '" + plan.domain() + "' would go back to '" + plan.snapshot() + "'; nothing is changed:");
        plan.summaries().forEach(summary -> lines.add("  " + summary));
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt snapshot revert web before-upgrade", "asks, as what was written since is lost"),
                new Example("jvirt snapshot revert web before-upgrade --yes --running", "and run from there"),
                new Example("jvirt snapshot revert web before-upgrade --dry-run", "see what would be done"));
    }
}
