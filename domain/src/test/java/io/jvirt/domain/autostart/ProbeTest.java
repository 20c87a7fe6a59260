// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping:10.0.0.1",
                "ping:fe80::1",
                "tcp:db.example:5432",
                "tcp:[fd00::2]:22",
                "agent",
                "console:login: ready"
            })
    void readsWhatItWrites(String text) {
        assertThat(Probe.parse("--ready", text).text()).isEqualTo(text);
    }

    @Test
    void takesThePartsApart() {
        assertThat(Probe.parse("--ready", "tcp:[fd00::2]:22")).isEqualTo(new Probe.Tcp("fd00::2", 22));
        assertThat(Probe.parse("--ready", "console:a:b")).isEqualTo(new Probe.ConsoleText("a:b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ping",
                "ping:",
                "tcp:host",
                "tcp:host:0",
                "tcp:host:70000",
                "tcp::22",
                "tcp:fd00::2:22",
                "agent:x",
                "http:x",
                "console:"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> Probe.parse("--ready", text))
                .isInstanceOf(JvirtException.class)
                .hasMessage("--ready '" + text + "' is no probe")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("write ping:ADDRESS, tcp:ADDRESS:PORT, agent, or console:TEXT");
    }
}
