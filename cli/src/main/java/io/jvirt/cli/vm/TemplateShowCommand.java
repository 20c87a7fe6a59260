// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.template.file.MachineTemplate;
import io.jvirt.domain.template.file.TemplateFiles;
import io.jvirt.domain.template.file.TemplateYaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class TemplateShowCommand implements CliCommand {
    @Parameters(paramLabel = "NAME", description = "A template's name, or its file.")
    private String name = "";

    /**
     * The answer's record.
     *
     * @param files the template's own, then those that it extends
     * @param settings its keys, those that it inherits among them
     */
    public record Shown(String name, List<String> files, Map<String, Object> settings) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        MachineTemplate template = new TemplateFiles(context::environment).load(name);
        List<String> files = template.files().stream().map(Path::toString).toList();
        List<String> lines = new ArrayList<>();
        lines.add("# " + files.get(0));
        files.stream().skip(1).forEach(f -> lines.add("#   extends " + f));
        TemplateYaml.of(template).lines().forEach(lines::add);
        context.print(Answer.one(
                        "template", new Shown(template.name(), files, TemplateYaml.settings(template)), template.name())
                .lines(lines));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt template show debian-13", "with all that it inherits, as one file would say it"),
                new Example("jvirt template show ./web.yaml", "check a file that you are writing"),
                new Example("jvirt template show debian-13 > mine.yaml", "a copy to start from"));
    }
}
