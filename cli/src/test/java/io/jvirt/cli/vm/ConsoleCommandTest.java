// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What console refuses; libvirt's test driver has no consoles, the lab's guests have. */
class ConsoleCommandTest {
    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.define("web");
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void aDomainThatIsOff() {
        assertThat(libvirt.run("console", "web"))
                .isEqualTo(
                        new JvirtRun(1, "", "jvirt: domain 'web' is off: it has no console\nhint: jvirt start web\n"));
    }

    @Test
    void anUnknownDomain() {
        assertThat(libvirt.run("console", "nosuch").exit()).isEqualTo(3);
    }

    @Test
    void aDomainWithoutASerialPort() {
        assertThat(libvirt.run("console", "test", "--force", "--timeout", "5"))
                .isEqualTo(new JvirtRun(
                        1,
                        "",
                        "jvirt: domain 'test' has no serial console: nothing in its definition carries one\n"
                                + "hint: jvirt edit test: <serial type='pty'/> among its <devices> makes one at its next"
                                + " start\n"));
    }

    @Test
    void aDeviceThatIsNotThere() {
        JvirtRun run = libvirt.run("console", "test", "--device", "serial0", "--expect", "login:", "--type", "root");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.err())
                .isEqualTo("jvirt: domain 'test' has no console or channel 'serial0'\n"
                        + "hint: jvirt console test --list shows them\n");
    }

    @Test
    void lists() {
        assertThat(libvirt.run("console", "test", "--list").out()).isEqualTo("DEVICE  KIND  TYPE  TARGET  SOURCE\n");
        assertThat(libvirt.run("console", "web", "--list"))
                .isEqualTo(new JvirtRun(
                        1, "", "jvirt: domain 'web' is off: its devices have no names yet\nhint: jvirt start web\n"));
    }

    @Test
    void aScriptThatCannotBe() {
        JvirtRun empty = JvirtRun.of("console", "test", "-c", TestDriver.URI, "--expect", "");
        assertThat(empty.exit()).isEqualTo(2);
        assertThat(empty.err())
                .isEqualTo("jvirt: --expect waits for a text, and it is empty\n"
                        + "hint: jvirt console test --expect login:\n");
        JvirtRun noFile = libvirt.run("console", "test", "--send", "/nonexistent/lines", "--log", "/tmp/none");
        assertThat(noFile.exit()).isEqualTo(3);
        assertThat(noFile.err()).isEqualTo("jvirt: the file /nonexistent/lines does not exist\nhint: check the path\n");
    }

    @Test
    void consoleAtTheStartIsForOneDomain() {
        JvirtRun run = libvirt.run("start", "--console", "web", "test");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: --console goes with one domain that runs\nhint: jvirt start web --console\n");
        assertThat(libvirt.run("start", "--console", "--paused", "web").exit()).isEqualTo(2);
    }
}
