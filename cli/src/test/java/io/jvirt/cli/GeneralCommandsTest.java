// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneralCommandsTest {
    @Test
    void versionInEveryFormat() throws IOException {
        assertThat(JvirtRun.of("version").out()).startsWith("jvirt  ").contains("\nJava   ");
        JsonNode json =
                new ObjectMapper().readTree(JvirtRun.of("version", "-o", "json").out());
        assertThat(json.path("schema").asText()).isEqualTo("jvirt/version");
        assertThat(json.path("version").asInt()).isEqualTo(1);
        assertThat(json.path("versions").path("java").asText()).isEqualTo(System.getProperty("java.version"));
        assertThat(JvirtRun.of("version", "-o", "yaml").out()).startsWith("schema: jvirt/version\nversion: 1\n");
        assertThat(JvirtRun.of("version", "-o", "name").out()).isEqualTo(Version.jvirt() + "\n");
    }

    @Test
    void setupSaysWhatItDid() {
        JvirtRun run = JvirtRun.of("setup", "-c", "test:///default");
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo("jvirt: made pool 'default' in /var/lib/libvirt/images\n");
    }

    @Test
    void helpOfACommandIsItsHelpOption() {
        assertThat(JvirtRun.of("help", "version").out())
                .isEqualTo(JvirtRun.of("version", "--help").out());
        assertThat(JvirtRun.of("help").out()).isEqualTo(JvirtRun.of("--help").out());
        assertThat(JvirtRun.of("help", "nothing").exit()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completionNamesCommandsAndOptions(String shell) {
        JvirtRun run = JvirtRun.of("completion", shell);
        assertThat(run.exit()).isZero();
        assertThat(run.out()).contains("version").contains("stacktrace").contains("snapshot");
    }

    @Test
    void completionForAnotherShell() {
        JvirtRun run = JvirtRun.of("completion", "tcsh");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: no completion for shell 'tcsh'\nhint: completion takes bash, zsh or fish\n");
    }

    @Test
    void bashCompletesWithIt(@TempDir Path folder) throws IOException, InterruptedException {
        Path script = folder.resolve("jvirt.bash");
        Files.writeString(script, JvirtRun.of("completion", "bash").out());
        assertThat(bash(". '" + script + "'; COMP_WORDS=(jvirt vers); COMP_CWORD=1; _jvirt; echo ${COMPREPLY[*]}"))
                .isEqualTo("version\n");
        assertThat(bash(". '" + script + "'; COMP_WORDS=(jvirt version --outp); COMP_CWORD=2; _jvirt;"
                        + " echo ${COMPREPLY[*]}"))
                .isEqualTo("--output\n");
        assertThat(bash(". '" + script + "'; COMP_WORDS=(jvirt disk conv); COMP_CWORD=2; _jvirt;"
                        + " echo ${COMPREPLY[*]}"))
                .isEqualTo("convert\n");
    }

    private static String bash(String script) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-c", script)
                .redirectErrorStream(true)
                .start();
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(out).isZero();
        return out;
    }
}
