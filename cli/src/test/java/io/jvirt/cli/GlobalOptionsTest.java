// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.general.VersionCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

/** What is read without picocli is what picocli reads. */
class GlobalOptionsTest {
    private static ParseResult parse(String line) {
        CommandRegistry.Entry entry = CommandRegistry.find("version");
        assertThat(entry).isNotNull();
        return new CommandModel(entry, new VersionCommand()).line().parseArgs(words(line));
    }

    private static String[] words(String line) {
        return line.isEmpty() ? new String[0] : line.split(" ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-c test:///default",
                "--connect host -o json -q -v",
                "--output yaml --stacktrace --progress json",
                "-o name --quiet --verbose --progress none"
            })
    void plainLinesAreTheSame(String line) {
        assertThat(GlobalOptions.ofPlain(words(line))).isEqualTo(GlobalOptions.of(parse(line)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-o",
                "-c -q",
                "-o json -o yaml",
                "--output=json",
                "-qv",
                "--all",
                "web",
                "-ojson",
                "--"
            })
    void theRestIsLeftToPicocli(String line) {
        assertThat(GlobalOptions.ofPlain(words(line))).isNull();
    }

    @Test
    void aCommandThatRunsWithoutArgumentsNeedsNone() {
        for (CommandRegistry.Entry entry : CommandRegistry.entries()) {
            CliCommand command = CommandRegistry.create(entry.name());
            if (command != null && command.runsWithoutArguments()) {
                ParseResult parsed = new CommandModel(entry, command).line().parseArgs();
                assertThat(parsed.matchedArgs()).isEmpty();
            }
        }
    }
}
