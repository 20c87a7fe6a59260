// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.template.TemplateCreation;
import io.jvirt.domain.template.TemplateRequest;
import io.jvirt.domain.template.file.TemplateFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class TemplateCreateCommand implements CliCommand {
    @Parameters(paramLabel = "NAME", description = "The template's name; its file goes to your own templates.")
    private String name = "";

    @Option(
            names = "--from",
            required = true,
            paramLabel = "DOMAIN",
            description =
                    "The machine that it is made from: name, UUID or number. It must be off, but for --empty-disks.")
    private String from = "";

    @Option(
            names = "--empty-disks",
            description =
                    "New machines get empty disks of the same sizes, and the machine stays as it is. Default: its disks"
                            + " become the base of theirs; it is marked as a template and does not start any more.")
    private boolean hasEmptyDisks;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where the template goes instead: a file ending in .yaml.")
    private @Nullable Path file;

    @Option(names = "--description", paramLabel = "TEXT", description = "One line for 'jvirt template list'.")
    private @Nullable String description;

    @Option(names = "--dry-run", description = "Show the template and what would be done, and touch nothing.")
    private boolean isDryRun;

    /**
     * The answer's record.
     *
     * @param template the file's text
     */
    public record Made(String name, String file, String domain, boolean marked, String template, List<String> steps) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        TemplateRequest request = request(context);
        try (Host host = Host.open(context.options().connect())) {
            TemplateCreation creation = new TemplateCreation(host, Steps.journal());
            TemplateCreation.Plan plan = creation.plan(request);
            plan.notes().forEach(context::note);
            if (!isDryRun) {
                creation.perform(plan, context.cancellation(), new StepNotes(context));
            }
            Made made = new Made(
                    name, request.file().toString(), plan.domain(), !hasEmptyDisks, plan.text(), plan.summaries());
            context.print(
                    Answer.one(isDryRun ? "plan" : "template", made, name).lines(isDryRun ? dryRun(plan) : done(made)));
        }
        return ExitCode.DONE;
    }

    private TemplateRequest request(CommandContext context) {
        if (description != null && description.chars().anyMatch(c -> c < ' ')) {
            throw JvirtException.usage("the description must be one line", "leave the line break out");
        }
        TemplateFiles files = new TemplateFiles(context::environment);
        Path target = files.ownFile(name);
        if (file != null) {
            if (!file.toString().endsWith(".yaml")) {
                throw JvirtException.usage(
                        "--file " + file + " does not end in .yaml", "write --file " + file + ".yaml");
            }
            target = file.toAbsolutePath().normalize();
        }
        return new TemplateRequest(name, target, from, !hasEmptyDisks, description);
    }

    private static List<String> dryRun(TemplateCreation.Plan plan) {
        List<String> lines = new ArrayList<>();
        lines.add("Template '" + plan.request().name() + "' would be created; nothing is changed:");
        plan.summaries().forEach(summary -> lines.add("  " + summary));
        plan.text().lines().forEach(lines::add);
        return lines;
    }

    private List<String> done(Made made) {
        List<String> lines = new ArrayList<>();
        lines.add("Template '" + name + "' is in " + made.file());
        if (made.marked()) {
            lines.add("Domain '" + made.domain()
                    + "' is a template now: its disks are the base of new machines' disks, and" + " it does not start");
        }
        lines.add("Next:");
        lines.add("  jvirt create --template "
                + ShellWord.quoted(file == null ? name : made.file().toString()) + " --name NEW");
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt template create web --from golden", "new machines lie on the disks of golden"),
                new Example(
                        "jvirt template create web --from golden --empty-disks --description Web",
                        "what it is like, without what is on its disks"),
                new Example("jvirt template create web --from golden --file ./web.yaml", "into a repository"),
                new Example("jvirt template create web --from golden --dry-run", "see the template and touch nothing"));
    }
}
