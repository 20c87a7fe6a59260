// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.Delete;
import io.jvirt.domain.delete.DeleteOptions;
import io.jvirt.domain.delete.DeletePlan;
import io.jvirt.domain.delete.DeletedDomain;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.trash.Trash;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class DeleteCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--force", description = "Force a running domain off first.")
    private boolean isForced;

    @Option(names = "--keep-disks", description = "Leave its disks where they are.")
    private boolean keepsDisks;

    @Option(names = "--purge", description = "Remove everything for good, at once, instead of keeping it in the trash.")
    private boolean isPurge;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Option(names = "--dry-run", description = "Check everything, say what would be removed, and touch nothing.")
    private boolean isDryRun;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            Delete delete = new Delete(host, Steps.journal(), new Trash(StateDirectory.current()));
            List<DeletePlan> plans = new ArrayList<>();
            for (String name : names) {
                plans.add(delete.plan(name, new DeleteOptions(isForced, keepsDisks, isPurge), plans));
            }
            for (DeletePlan plan : plans) {
                plan.notes().forEach(context::note);
            }
            List<DeletedDomain> domains = plans.stream().map(DeletePlan::domain).toList();
            if (isDryRun) {
                context.print(answer(domains).lines(dryRun(plans)));
                return ExitCode.DONE;
            }
            context.confirm(question(domains), isYes);
            for (DeletePlan plan : plans) {
                delete.perform(plan, context.cancellation(), new StepNotes(context));
            }
            context.print(answer(domains).lines(done(domains)));
            return ExitCode.DONE;
        }
    }

    private static Answer<DeletedDomain> answer(List<DeletedDomain> domains) {
        return Answer.list("domains", domains, DeletedDomain::name);
    }

    private static List<String> dryRun(List<DeletePlan> plans) {
        List<String> lines = new ArrayList<>();
        for (DeletePlan plan : plans) {
            lines.add("Domain '" + plan.domain().name() + "' would be deleted; nothing is changed:");
            plan.summaries().forEach(summary -> lines.add("  " + summary));
        }
        return lines;
    }

    private static String question(List<DeletedDomain> domains) {
        StringBuilder question = new StringBuilder("Delete ");
        for (DeletedDomain domain : domains) {
            question.append(question.length() > 7 ? ", " : "")
                    .append('\'')
                    .append(domain.name())
                    .append('\'')
                    .append(domain.disks().isEmpty() ? " (no disk goes)" : " with " + String.join(", ", domain.disks()))
                    .append(domain.trash() == null ? " for good" : "");
        }
        return question.append('?').toString();
    }

    private static List<String> done(List<DeletedDomain> domains) {
        List<String> lines = new ArrayList<>();
        for (DeletedDomain domain : domains) {
            lines.add("Domain '" + domain.name() + "' is deleted"
                    + (domain.disks().isEmpty() ? "" : ", with " + String.join(", ", domain.disks())));
            if (domain.trash() != null) {
                lines.add("  bring it back: jvirt undelete " + ShellWord.quoted(domain.name())
                        + "; free its space: jvirt purge " + ShellWord.quoted(domain.trash()));
            }
            for (String kept : domain.keptDisks()) {
                lines.add("  kept: " + kept);
            }
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt delete web", "put a domain and its disks into the trash; asks first"),
                new Example("jvirt delete web --purge", "remove them for good and free the space"),
                new Example("jvirt delete web --force --yes", "also while it runs, without a question"),
                new Example("jvirt delete web --keep-disks", "only the definition and what belongs to it"),
                new Example("jvirt delete web db --dry-run", "see what would go"));
    }
}
