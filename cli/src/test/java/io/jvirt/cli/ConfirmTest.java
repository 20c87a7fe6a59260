// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfirmTest {
    private static CommandContext context(boolean isTerminal, String typed) {
        PrintStream none = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Stdio stdio = new Stdio(
                new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                none,
                none,
                Map.of(),
                isTerminal,
                isTerminal,
                isTerminal);
        return new CommandContext("delete", GlobalOptions.DEFAULTS, stdio, new Cancellation());
    }

    @Test
    void yesAsksNobody() {
        assertThatCode(() -> context(false, "").confirm("Delete 'web'?", true)).doesNotThrowAnyException();
    }

    @Test
    void aTypedYes() {
        assertThatCode(() -> context(true, "Yes\n").confirm("Delete 'web'?", false))
                .doesNotThrowAnyException();
    }

    @Test
    void anythingElseIsNo() {
        for (String typed : new String[] {"\n", "n\n", "", "yess\n"}) {
            assertThatThrownBy(() -> context(true, typed).confirm("Delete 'web'?", false))
                    .isInstanceOf(JvirtException.class)
                    .hasMessage("not confirmed, nothing was changed");
        }
    }

    @Test
    void withoutATerminalTheHintNamesYes() {
        assertThatThrownBy(() -> context(false, "y\n").confirm("Delete 'web'?", false))
                .isInstanceOfSatisfying(
                        JvirtException.class,
                        e -> org.assertj.core.api.Assertions.assertThat(e.hint())
                                .contains("--yes"))
                .hasMessage("not confirmed: Delete 'web'?");
    }
}
