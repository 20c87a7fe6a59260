// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.inspect.DomainDetails;
import io.jvirt.domain.inspect.Inspection;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class InfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Domain: name, UUID or number.")
    private String name = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        DomainDetails details;
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            details = Inspection.of(host, domain);
        }
        context.print(Answer.one("domain", details, details.name()).lines(DetailLines.of(details)));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt info web", "state, processors, memory, disks with their sizes, addresses"),
                new Example("jvirt info web -o json", "the same for a program"));
    }
}
