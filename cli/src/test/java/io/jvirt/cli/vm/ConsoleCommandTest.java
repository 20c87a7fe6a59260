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
    void aDriverWithoutConsoles() {
        JvirtRun run = libvirt.run("console", "test", "--force", "--device", "serial0", "--timeout", "5");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("jvirt: cannot open")
                .contains("console")
                .contains("test");
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
