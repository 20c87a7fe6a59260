// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class AutostartOffCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        AutostartSetting.switchOff(context, names);
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt autostart off web db", "leave both off when the host has booted"));
    }
}
