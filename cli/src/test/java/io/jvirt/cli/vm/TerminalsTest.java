// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests have no terminal: what {@code console} and {@code top} say where they were to draw on one. */
class TerminalsTest {
    @Test
    void aTerminalThatCannotBeRaw() {
        assertThatThrownBy(RawTerminal::enter).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessageStartingWith("cannot set the terminal to raw mode: stty: ");
            assertThat(e.hint()).isEqualTo("in a pipe it needs none: jvirt console NAME | cat");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
        });
    }

    @Test
    void aTerminalThatCannotBeDrawnOn() {
        assertThatThrownBy(() -> TopScreen.open(new Cancellation())).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessage("this terminal cannot be drawn on (TERM=" + System.getenv("TERM") + ")");
            assertThat(e.hint()).isEqualTo("jvirt top --once");
            assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
        });
    }

    /** The record has what was said, and the console learns that nobody reads any more. */
    @Test
    void anOutputThatIsClosed(@TempDir Path directory) throws IOException {
        Path log = directory.resolve("console.log");
        PrintStream closed = new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                false,
                StandardCharsets.UTF_8);
        try (ConsoleOutput output = ConsoleOutput.to(closed, log)) {
            output.stream().print("login:");
            assertThat(output.stream().checkError()).isTrue();
        }
        assertThat(Files.readString(log)).endsWith(" login:\n");
    }
}
