// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class DumpXmlCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The domain: name, UUID or number.")
    private String name = "";

    @Option(names = "--inactive", description = "What its next start uses, instead of what runs.")
    private boolean isInactive;

    @Option(names = "--security-info", description = "With its passwords.")
    private boolean isSecure;

    @Option(names = "--migratable", description = "As it would be sent to another host.")
    private boolean isMigratable;

    /** The answer's record. */
    public record Definition(String name, String xml) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            String xml = domain.xml(isInactive, isSecure, isMigratable);
            context.print(Answer.one("domain", new Definition(domain.name(), xml), domain.name())
                    .lines(xml.lines().toList()));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt dumpxml web", "of the running machine, where it runs"),
                new Example("jvirt dumpxml web --inactive --security-info > web.xml", "to define it elsewhere"));
    }
}
