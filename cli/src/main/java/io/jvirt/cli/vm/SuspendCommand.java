// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Domain;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class SuspendCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        EachDomain.change(context, names, "is paused", EachDomain.ofRunning(Domain::suspend));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt suspend web", "pause it until jvirt resume"));
    }
}
