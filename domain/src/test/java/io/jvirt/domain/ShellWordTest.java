// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordTest {
    @Test
    void aShellReadsItAsItWas() throws Exception {
        for (String word : List.of("web", "web-1.2_a", "my web", "it's", "a;b", "$HOME", "*", "", "~", "ü")) {
            String line = "printf %s " + ShellWord.quoted(word);
            Process shell = new ProcessBuilder("sh", "-c", line).start();
            assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .as(line)
                    .isEqualTo(word);
        }
        assertThat(ShellWord.quoted("web-1.2_a")).isEqualTo("web-1.2_a");
    }
}
