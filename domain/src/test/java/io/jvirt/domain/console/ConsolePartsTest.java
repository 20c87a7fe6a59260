// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What consoles are made of, without a guest. */
class ConsolePartsTest {
    private static final ConsoleDevice SERIAL =
            new ConsoleDevice("serial0", "serial", "pty", "isa-serial", "/dev/pts/3");
    private static final ConsoleDevice FILE = new ConsoleDevice("serial1", "serial", "file", "isa-serial", "/tmp/out");
    private static final ConsoleDevice TCP =
            new ConsoleDevice("serial2", "serial", "tcp", "isa-serial", "127.0.0.1:4555");
    private static final ConsoleDevice CHANNEL =
            new ConsoleDevice("channel0", "channel", "unix", "org.example.port", "/run/x");

    private static int feed(ExpectedText expected, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return expected.feed(bytes, 0, bytes.length);
    }

    @Test
    void findsATextOverTheEndOfAPiece() {
        ExpectedText expected = new ExpectedText("login:");
        assertThat(feed(expected, "web log")).isEqualTo(-1);
        assertThat(feed(expected, "in: ")).isEqualTo(3);
    }

    @Test
    void findsATextThatBeginsAnew() {
        assertThat(feed(new ExpectedText("aab"), "aaab")).isEqualTo(4);
        assertThat(feed(new ExpectedText("é!"), "caf\u00e9!")).isEqualTo(6);
    }

    @Test
    void coloursDoNotHideIt() {
        assertThat(feed(
                        new ExpectedText("Reached target"),
                        "[\u001b[0;32m  OK  \u001b[0m] Reached \u001b[0;1;39mtarget"))
                .isPositive();
        assertThat(feed(new ExpectedText("31m"), "\u001b[31m")).isEqualTo(-1);
    }

    @Test
    void recordsWithTimes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Clock clock = Clock.fixed(Instant.parse("2026-01-31T08:00:00Z"), ZoneOffset.UTC);
        try (TimestampedLog log = new TimestampedLog(out, clock)) {
            log.write("one\r\ntw".getBytes(StandardCharsets.UTF_8));
            log.write("o\n\nlast".getBytes(StandardCharsets.UTF_8));
        }
        String time = "2026-01-31T08:00:00.000Z ";
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(time + "one\n" + time + "two\n" + time + "\n" + time + "last\n");
    }

    @Test
    void choosesTheFirstConsoleOrTheNamedOne() {
        List<ConsoleDevice> all = List.of(SERIAL, FILE, CHANNEL);
        assertThat(ConsoleDevice.choose("web", all, null)).isEqualTo(SERIAL);
        assertThat(ConsoleDevice.choose("web", all, "serial0")).isEqualTo(SERIAL);
        assertThat(ConsoleDevice.choose("web", all, "org.example.port")).isEqualTo(CHANNEL);
    }

    @Test
    void whatLibvirtSaysOfAConsole() {
        assertThat(ConsoleSession.hintFor("operation failed: Active console session exists for this domain", "web"))
                .isEqualTo("somebody else holds it: jvirt console --force web takes it");
        assertThat(ConsoleSession.hintFor("cannot find device serial9", "web"))
                .isEqualTo("jvirt console web --list shows what can be opened");
        assertThat(ConsoleSession.hintFor("odd", "web")).isNull();
    }

    @Test
    void saysWhatThereIsInstead() {
        assertRefused(
                List.of(CHANNEL),
                null,
                "domain 'web' has no serial console: nothing in its definition carries one",
                "jvirt edit web: <serial type='pty'/> among its <devices> makes one at its next start");
        assertRefused(
                List.of(SERIAL),
                "serial9",
                "domain 'web' has no console or channel 'serial9'",
                "jvirt console web --list shows them");
        assertRefused(
                List.of(FILE),
                null,
                "the serial 'serial1' of domain 'web' is of type file: libvirt does not carry it",
                "the guest writes it to a file: tail -f /tmp/out");
        assertRefused(
                List.of(SERIAL, TCP),
                "serial2",
                "the serial 'serial2' of domain 'web' is of type tcp: libvirt does not carry it",
                "it is a TCP socket: connect to 127.0.0.1:4555");
    }

    private static void assertRefused(List<ConsoleDevice> devices, String wanted, String message, String hint) {
        assertThatThrownBy(() -> ConsoleDevice.choose("web", devices, wanted))
                .hasMessage(message)
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo(hint);
    }

    @ParameterizedTest
    @CsvSource({
        "x86_64,<serial type='pty'/>,ttyS0",
        "aarch64,<serial type='pty'/>,ttyAMA0",
        "s390x,<console type='pty'/>,ttysclp0",
        "x86_64,<console type='pty'><target type='virtio'/></console>,hvc0"
    })
    void knowsWhatTheGuestCallsIt(String arch, String device, String terminal) {
        DomainXml xml = DomainXml.parse("<domain type='kvm'><os><type arch='" + arch + "'>hvm</type></os><devices>"
                + device + "</devices></domain>");
        assertThat(SilentGuest.terminalOf(xml)).isEqualTo(terminal);
    }

    @Test
    void advisesWhatToChange() {
        try (Host host = Host.open("test:///default");
                Domain domain = host.findDomain("test")) {
            assertThat(SilentGuest.advice(domain))
                    .anyMatch(line -> line.contains("GRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS0,115200\""))
                    .anyMatch(line -> line.contains("systemctl enable --now serial-getty@ttyS0.service"))
                    .anyMatch(line -> line.contains("update-grub"));
        }
    }
}
