// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DispatcherTest {
    @Test
    void noCommandShowsTheHelpAsAnError() {
        JvirtRun run = JvirtRun.of();
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("Usage: jvirt ");
    }

    @Test
    void unknownCommandSuggestsASimilarOne() {
        JvirtRun run = JvirtRun.of("verison");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("jvirt: unknown command 'verison'\nhint: did you mean 'jvirt version'?\n");
    }

    @Test
    void unknownCommandWithoutASimilarOne() {
        assertThat(JvirtRun.of("xyzzy").err())
                .isEqualTo("jvirt: unknown command 'xyzzy'\nhint: 'jvirt --help' lists the commands\n");
    }

    @Test
    void unknownOptionSuggestsASimilarOne() {
        JvirtRun run = JvirtRun.of("version", "--ouptut=json");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: unknown option '--ouptut=json'\n"
                        + "hint: did you mean '--output'? 'jvirt version --help' shows options and examples\n");
    }

    @Test
    void unexpectedArgument() {
        assertThat(JvirtRun.of("version", "web").err()).startsWith("jvirt: unexpected argument 'web'\nhint: ");
    }

    @Test
    void optionWithoutItsValue() {
        JvirtRun run = JvirtRun.of("version", "-o");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).startsWith("jvirt: missing required parameter for option '--output'");
    }

    @Test
    void globalOptionsBeforeAndAfterTheCommand() {
        JvirtRun before = JvirtRun.of("-o", "json", "version");
        assertThat(before.exit()).isZero();
        assertThat(before).isEqualTo(JvirtRun.of("version", "--output=json"));
        assertThat(JvirtRun.of("-c", "test:///default", "-q", "version").exit()).isZero();
    }

    @Test
    void unknownOutputFormat() {
        JvirtRun run = JvirtRun.of("version", "-o", "xml");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: unknown output format 'xml'\nhint: -o takes table, json, yaml or name\n");
    }

    @Test
    void unknownProgressMode() {
        JvirtRun run = JvirtRun.of("version", "--progress", "loud");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: unknown progress mode 'loud'\nhint: --progress takes auto, json or none\n");
    }

    @Test
    void diskTakesNoGlobalOptionsBeforeIt() {
        JvirtRun run = JvirtRun.of("-q", "disk", "info");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).startsWith("jvirt: 'disk' takes its options after its verb\nhint: ");
    }

    @Test
    void versionOption() {
        assertThat(JvirtRun.of("--version").out()).startsWith("jvirt ");
    }

    @Test
    void stackTraceOnlyOnRequest() {
        assertThat(JvirtRun.of("verison").err()).doesNotContain("\tat ");
        assertThat(JvirtRun.of("--stacktrace", "verison").err()).contains("\tat io.jvirt.cli.Dispatcher");
    }
}
