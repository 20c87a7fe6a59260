// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.Undelete;
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
public final class UndeleteCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The deleted domain: name, UUID, or id in the trash.")
    private String name = "";

    @Option(names = "--name", paramLabel = "NEW", description = "Another name for it.")
    private @Nullable String newName;

    @Option(names = "--dry-run", description = "Check everything, say what would be done, and touch nothing.")
    private boolean isDryRun;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            Undelete undelete = new Undelete(host, Steps.journal(), new Trash(StateDirectory.current()));
            Undelete.Plan plan = undelete.plan(name, newName);
            plan.notes().forEach(context::note);
            String back = plan.domain().name();
            String what = back.indexOf(':') < 0 ? "Domain '" : "Disk '";
            List<String> lines = new ArrayList<>();
            if (isDryRun) {
                lines.add(what + back + "' would be back; nothing is changed:");
                plan.summaries().forEach(summary -> lines.add("  " + summary));
            } else {
                undelete.perform(plan, context.cancellation(), new StepNotes(context));
                lines.add(what + back + "' is back"
                        + (back.indexOf(':') < 0
                                ? "; start it: jvirt start " + ShellWord.quoted(back)
                                : ": " + plan.domain().files().get(0)));
            }
            context.print(Answer.one("domain", plan.domain(), back).lines(lines));
            return ExitCode.DONE;
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt undelete web", "bring a deleted domain back, with disks, NVRAM and snapshots"),
                new Example("jvirt undelete web --name web-old", "under another name"),
                new Example("jvirt undelete 3f9c01ab --dry-run", "one of several with the same name, by its id"));
    }
}
