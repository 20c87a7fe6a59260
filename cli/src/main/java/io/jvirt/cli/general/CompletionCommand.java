// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.general;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.CompletionScript;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class CompletionCommand implements CliCommand {
    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private String shell = "";

    @Override
    public ExitCode run(CommandContext context) {
        String script = switch (shell) {
            case "bash" -> CompletionScript.bash();
            case "zsh" -> CompletionScript.zsh();
            case "fish" -> CompletionScript.fish();
            default ->
                throw JvirtException.usage(
                        "no completion for shell '" + shell + "'", "completion takes bash, zsh or fish");
        };
        context.stdio().out().print(script);
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt completion bash > /etc/bash_completion.d/jvirt", "for all bash users"),
                new Example("jvirt completion zsh > ~/.zfunc/_jvirt", "for zsh, where ~/.zfunc is in fpath"),
                new Example("jvirt completion fish > ~/.config/fish/completions/jvirt.fish", "for fish"));
    }
}
