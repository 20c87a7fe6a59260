// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/** A command's picocli model: built for the called command only. */
final class CommandModel {
    private final CliCommand command;
    private final CommandLine line;

    CommandModel(CommandRegistry.Entry entry, CliCommand command) {
        this.command = command;
        CommandSpec spec = CommandSpec.forAnnotatedObject(command);
        spec.name("jvirt " + entry.name());
        GlobalOptions.addTo(spec);
        if (spec.usageMessage().description().length == 0) {
            spec.usageMessage().description(entry.summary() + ".");
        }
        // A name or path that begins with @ or holds quotes is what it says.
        line = new CommandLine(spec)
                .setExpandAtFiles(false)
                .setTrimQuotes(false)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    CommandLine line() {
        return line;
    }

    String help() {
        StringBuilder text = new StringBuilder(line.getUsageMessage(Ansi.OFF));
        text.append("\nExamples:\n");
        for (CliCommand.Example example : command.examples()) {
            text.append("  # ").append(example.meaning()).append('\n');
            text.append("  ").append(example.line()).append("\n");
        }
        return text.append("\nOptions of every command: -c URI, -o FORMAT, -q, -v (see 'jvirt --help').\n")
                .toString();
    }
}
