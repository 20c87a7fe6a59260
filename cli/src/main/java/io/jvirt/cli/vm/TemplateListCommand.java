// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.template.TemplateDomains;
import io.jvirt.domain.template.file.MachineTemplate;
import io.jvirt.domain.template.file.TemplateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
public final class TemplateListCommand implements CliCommand {
    @Option(names = "--files", description = "Only those that are files, for 'jvirt create --template'.")
    private boolean isFiles;

    @Option(names = "--machines", description = "Only the host's machines that are templates, for 'jvirt clone'.")
    private boolean isMachines;

    /** What it is. */
    public enum Kind {
        MACHINE,
        FILE
    }

    /**
     * A template of either kind; what the other one has is null.
     *
     * @param file of a file: where it lies
     * @param uuid of a machine
     * @param since when a machine was marked
     * @param clones domains on a machine's disks
     */
    public record Listed(
            String name,
            Kind kind,
            @Nullable String description,
            @Nullable String file,
            @Nullable String uuid,
            @Nullable String since,
            List<String> clones) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (isFiles && isMachines) {
            throw JvirtException.usage("--files and --machines do not go together", "leave both out for all templates");
        }
        List<Listed> found = new ArrayList<>();
        if (!isFiles) {
            try (Host host = Host.open(context.options().connect())) {
                TemplateDomains.list(host)
                        .forEach(t -> found.add(
                                new Listed(t.name(), Kind.MACHINE, null, null, t.uuid(), t.since(), t.clones())));
            }
        }
        if (!isMachines) {
            addFiles(context, found);
        }
        context.print(Answer.list("templates", found, Listed::name)
                .version(2)
                .table(new String[] {"NAME", "KIND", "WHAT IT IS", "LINKED CLONES"}, t -> new String[] {
                    t.name(),
                    t.kind() == Kind.FILE ? "file" : "machine",
                    t.kind() == Kind.FILE
                            ? t.description() == null ? "-" : t.description()
                            : "a machine of this host, since " + t.since(),
                    t.clones().isEmpty() ? "-" : String.join(", ", t.clones())
                }));
        return ExitCode.DONE;
    }

    private static void addFiles(CommandContext context, List<Listed> found) throws IOException {
        TemplateFiles files = new TemplateFiles(context::environment);
        for (Map.Entry<String, Path> file : files.all().entrySet()) {
            try {
                MachineTemplate template = files.load(file.getKey(), file.getValue());
                found.add(new Listed(
                        file.getKey(),
                        Kind.FILE,
                        template.text("description"),
                        file.getValue().toString(),
                        null,
                        null,
                        List.of()));
            } catch (JvirtException e) {
                context.note("template '" + file.getKey() + "' is left out: " + e.getMessage());
            }
        }
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt template list", "both kinds: files, and machines with what lies on their disks"),
                new Example("jvirt template list --files", "what 'jvirt create --template' takes; asks no host"),
                new Example("jvirt template list --machines", "the host's machines that are templates"));
    }
}
