// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.CommandRegistry.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.OptionSpec;

/** What every command owes its user. */
class CommandContractTest {
    /** All but {@code disk}, which has its own parser and tests. */
    static Stream<Entry> commands() {
        return CommandRegistry.entries().stream().filter(entry -> !entry.name().equals("disk"));
    }

    private static CliCommand create(Entry entry) {
        CliCommand command = CommandRegistry.create(entry.name());
        assertThat(command)
                .as("a class for '%s' in CommandRegistry.create", entry.name())
                .isNotNull();
        return command;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void hasExamplesThatParse(Entry entry) {
        List<CliCommand.Example> examples = create(entry).examples();
        assertThat(examples).as("examples of '%s'", entry.name()).isNotEmpty();
        for (CliCommand.Example example : examples) {
            String prefix = "jvirt " + entry.name();
            assertThat(example.line()).startsWith(prefix);
            String rest = example.line().substring(prefix.length()).strip().replaceAll(" [|>] .*", "");
            String[] args = rest.isEmpty() ? new String[0] : rest.split(" +");
            new CommandModel(entry, create(entry)).line().parseArgs(args);
            assertThat(example.meaning()).doesNotEndWith(".");
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void describesEveryOption(Entry entry) {
        var spec = new CommandModel(entry, create(entry)).line().getCommandSpec();
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                assertThat(option.description())
                        .as("%s %s", entry.name(), option.longestName())
                        .isNotEmpty();
            }
        }
        spec.positionalParameters()
                .forEach(parameter -> assertThat(parameter.description())
                        .as("%s %s", entry.name(), parameter.paramLabel())
                        .isNotEmpty());
        assertThat(entry.summary()).doesNotEndWith(".");
        assertThat(entry.summary().length()).as("summary fits a line").isLessThanOrEqualTo(62);
    }

    /** An option that no test's source names together with its command is an option that nobody tested. */
    @ParameterizedTest
    @MethodSource("commands")
    void hasATestForEachOption(Entry entry) throws IOException {
        List<String> sources = testSources();
        String quoted = "\"" + entry.name().replace(" ", "\", \"") + "\"";
        for (OptionSpec option :
                new CommandModel(entry, create(entry)).line().getCommandSpec().options()) {
            if (option.hidden()) {
                continue;
            }
            assertThat(sources)
                    .as("a test that runs '%s' with %s", entry.name(), option.longestName())
                    .anyMatch(source -> (source.contains(quoted) || source.contains("jvirt " + entry.name()))
                            && Stream.of(option.names()).anyMatch(source::contains));
        }
    }

    private static List<String> testSources() throws IOException {
        List<String> sources = new java.util.ArrayList<>();
        for (Path root : List.of(Path.of("src/test/java"), Path.of("../lab/src/test/java"))) {
            if (!Files.isDirectory(root)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    sources.add(Files.readString(file));
                }
            }
        }
        return sources;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpIsGolden(Entry entry) throws IOException {
        JvirtRun help = JvirtRun.line("jvirt " + entry.name() + " --help");
        assertThat(help.exit()).isZero();
        assertThat(help.err()).isEmpty();
        Golden.check("help/" + entry.name().replace(' ', '-') + ".txt", help.out());
    }

    @Test
    void topLevelHelpNamesEveryCommand() {
        String help = JvirtRun.of("--help").out();
        for (Entry entry : CommandRegistry.entries()) {
            if (!entry.isHidden()) {
                assertThat(help).containsPattern("(?m)^  " + entry.name() + " +\\Q" + entry.summary() + "\\E$");
            }
        }
        assertThat(help.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }
}
