// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        description =
                "Writes " + AutostartUnit.NAME + ", which starts the machines at boot with 'jvirt autostart run', and"
                        + " stops them with 'jvirt autostart stop' before the host goes down. systemd is told by you: the next"
                        + " command is printed.")
public final class AutostartInstallUnitCommand implements CliCommand {
    private static final String PACKAGED = "/usr/bin/jvirt";

    @Option(names = "--print", description = "Print the unit; write nothing.")
    private boolean isPrinted;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where units lie: /etc/systemd/system where it is not given.")
    private @Nullable Path directory;

    @Option(names = "--force", description = "Replace a unit of this name that jvirt did not write.")
    private boolean isForced;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        String launcher = context.environment("JVIRT_LAUNCHER");
        Path jvirt =
                Path.of(launcher == null ? PACKAGED : launcher).toAbsolutePath().normalize();
        String text = AutostartUnit.text(jvirt, context.options().connect());
        if (isPrinted) {
            context.stdio().out().print(text);
            return ExitCode.DONE;
        }
        Path unit = AutostartUnit.install(
                directory == null ? AutostartUnit.DIRECTORY : directory.toAbsolutePath(), text, isForced);
        context.say("Wrote " + unit);
        context.say("Next: systemctl daemon-reload && systemctl enable " + AutostartUnit.NAME);
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt autostart install-unit", "start the machines in their order at each boot"),
                new Example("jvirt autostart install-unit --print", "look at the unit first"));
    }
}
