// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.change.Rename;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class RenameCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The domain; it must be off.")
    private String name = "";

    @Parameters(
            index = "1",
            paramLabel = "NEW",
            description = "Its new name. Its disks keep theirs; its UEFI variables go along.")
    private String newName = "";

    /** The answer's record. */
    public record Renamed(String name, String oldName) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            String oldName = Rename.perform(host, Steps.journal(), name, newName, context.cancellation());
            context.print(Answer.one("domain", new Renamed(newName, oldName), newName)
                    .lines(List.of("Domain '" + oldName + "' is now '" + newName + "'")));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt rename web web-old", "give a domain that is off another name"));
    }
}
