// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.UserFile;
import io.jvirt.domain.change.DefineVerb;
import io.jvirt.domain.change.TextDiff;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class DefineCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The XML of a <domain>; - for standard input.")
    private String file = "";

    @Option(names = "--no-validate", description = "Do not hold the text against libvirt's schema.")
    private boolean isUnvalidated;

    @Option(
            names = "--dry-run",
            description = "Show what the text has that the definition has not, and define nothing.")
    private boolean isDryRun;

    /**
     * The answer's record.
     *
     * @param isNew there was none of this name
     * @param difference of the definition, as libvirt has it before and after; with --dry-run, of the text
     */
    record Defined(String name, boolean isNew, List<String> difference) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            DefineVerb define = new DefineVerb(host);
            DefineVerb.Plan plan = define.plan(text(context));
            String after = isDryRun ? plan.newXml() : define.perform(plan, !isUnvalidated);
            print(context, plan, after, isDryRun);
        }
        return ExitCode.DONE;
    }

    /** Says what a definition has become, for edit too. */
    static void print(CommandContext context, DefineVerb.Plan plan, String after, boolean isDryRun) throws IOException {
        List<String> difference = plan.isNew() ? List.of() : TextDiff.of(plan.oldXml(), after);
        List<String> lines = new ArrayList<>();
        String name = "Domain '" + plan.name() + "'";
        if (isDryRun) {
            lines.add(name
                    + (plan.isNew()
                            ? " would be defined"
                            : difference.isEmpty() ? " would stay as it is" : " would be changed")
                    + "; nothing is changed");
        } else {
            lines.add(name
                    + (plan.isNew()
                            ? " is defined"
                            : difference.isEmpty() ? " stays as it is" : " is changed" + until(plan)));
        }
        lines.addAll(difference);
        context.print(Answer.one("domain", new Defined(plan.name(), plan.isNew(), difference), plan.name())
                .lines(lines));
    }

    private static String until(DefineVerb.Plan plan) {
        return plan.isRunning()
                ? "; it runs as before until its next start"
                : plan.isSaved() ? "; its next start goes on from its saved memory as before" : "";
    }

    private String text(CommandContext context) throws IOException {
        if (file.equals("-")) {
            return UserFile.text(context.stdio().in(), "standard input");
        }
        return UserFile.text(Path.of(file), "file");
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt define web.xml", "a new machine, or another definition for the one of that name"),
                new Example("jvirt define web.xml --dry-run", "only show what would change"));
    }
}
