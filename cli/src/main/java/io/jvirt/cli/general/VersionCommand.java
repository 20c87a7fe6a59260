// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.general;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.cli.Version;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class VersionCommand implements CliCommand {
    /** The answer's record. */
    public record Versions(String jvirt, String java, String vm) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Versions versions = new Versions(
                Version.jvirt(), System.getProperty("java.version", "?"), System.getProperty("java.vm.name", "?"));
        context.print(Answer.one("versions", versions, versions.jvirt())
                .lines(List.of(
                        "jvirt  " + versions.jvirt(), "Java   " + versions.java() + " (" + versions.vm() + ")")));
        return ExitCode.DONE;
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt version", "what runs here"),
                new Example("jvirt version -o json", "the same for a bug report's script"));
    }
}
