// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.template.TemplateDomains;
import io.jvirt.domain.template.TemplateDomains.Template;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class TemplateListCommand implements CliCommand {
    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            context.print(Answer.list("templates", TemplateDomains.list(host), Template::name)
                    .table(new String[] {"NAME", "SINCE", "LINKED CLONES"}, t -> new String[] {
                        t.name(), t.since(), t.clones().isEmpty() ? "-" : String.join(", ", t.clones())
                    }));
        }
        return ExitCode.DONE;
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt template list", "templates, and the machines that lie on their disks"));
    }
}
