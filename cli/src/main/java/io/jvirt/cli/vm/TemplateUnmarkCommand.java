// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.template.TemplateDomains;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class TemplateUnmarkCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    /** The answer's record. */
    public record Unmarked(String name) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<Unmarked> done = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            for (String name : names) {
                done.add(new Unmarked(TemplateDomains.unmark(host, name)));
            }
        }
        context.print(Answer.list("domains", done, Unmarked::name)
                .lines(done.stream()
                        .map(d -> "Domain '" + d.name() + "' is no template any more")
                        .toList()));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt template unmark golden", "it can be started and changed again"));
    }
}
