// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.general;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.Dispatcher;
import io.jvirt.cli.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class HelpCommand implements CliCommand {
    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command; none: all commands.")
    private List<String> words = new ArrayList<>();

    @Override
    public ExitCode run(CommandContext context) {
        List<String> line = new ArrayList<>(words);
        line.add("--help");
        int code = new Dispatcher(context.stdio(), context.cancellation()).run(line.toArray(new String[0]));
        return code == 0 ? ExitCode.DONE : ExitCode.USAGE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt help version", "the options and examples of 'version'"));
    }
}
