// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** reboot, reset, suspend, resume, save and rename on libvirt's test driver. */
class StateCommandsTest {
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

    private DomainState state(String name) {
        try (Domain domain = libvirt.host().findDomain(name)) {
            return domain.status().state();
        }
    }

    @Test
    void suspendsAndResumes() {
        assertThat(libvirt.run("suspend", "test")).isEqualTo(new JvirtRun(0, "Domain 'test' is paused\n", ""));
        assertThat(state("test")).isEqualTo(DomainState.PAUSED);
        assertThat(libvirt.run("resume", "test", "-o", "json").out()).contains("\"state\" : \"running\"");
        assertThat(state("test")).isEqualTo(DomainState.RUNNING);
        JvirtRun off = libvirt.run("suspend", "web", "nosuch");
        assertThat(off.exit()).isEqualTo(1);
        assertThat(off.err()).contains("jvirt: domain 'web' is not running\n", "jvirt: no domain 'nosuch'");
    }

    @Test
    void resumesAndWaits() {
        assertThat(libvirt.run("suspend", "test").exit()).isZero();
        assertThat(libvirt.run("resume", "test", "--wait", "console:login").err())
                .isEqualTo("jvirt: --wait console:login: the console has the text of before, too\n"
                        + "hint: wait for ping:ADDRESS, tcp:ADDRESS:PORT or agent\n");
        assertThat(libvirt.run("resume", "test", "--timeout", "5"))
                .isEqualTo(new JvirtRun(
                        2, "", "jvirt: --timeout is of --wait\nhint: jvirt resume test --wait agent --timeout 5\n"));
        assertThat(state("test")).isEqualTo(DomainState.PAUSED);
        assertThat(libvirt.run("resume", "test", "--wait", "ping:127.0.0.1"))
                .isEqualTo(new JvirtRun(0, "Domain 'test' is running and ready\n", ""));
        assertThat(libvirt.run("suspend", "test").exit()).isZero();
        assertThat(libvirt.run("resume", "test", "--wait", "tcp:127.0.0.1:1", "--timeout", "1"))
                .isEqualTo(new JvirtRun(
                        1,
                        "",
                        "jvirt: domain 'test' is running but is not ready: tcp:127.0.0.1:1 did not pass within 1 s\n"
                                + "hint: --timeout gives it more time; jvirt console test shows what it does\n"));
        assertThat(state("test")).isEqualTo(DomainState.RUNNING);
    }

    @Test
    void reboots() {
        assertThat(libvirt.run("reboot", "test").out()).isEqualTo("Domain 'test' is rebooting\n");
    }

    @Test
    void resets() {
        assertThat(libvirt.run("reset", "test")).isEqualTo(new JvirtRun(0, "Domain 'test' was reset\n", ""));
    }

    @Test
    void savesAndContinues() {
        assertThat(libvirt.run("save", "test").out())
                .isEqualTo("Domain 'test' is saved; jvirt start continues from there\n");
        assertThat(state("test")).isEqualTo(DomainState.SHUTOFF);
        assertThat(libvirt.run("info", "test").out()).contains("Saved:");
        assertThat(libvirt.run("start", "test").exit()).isZero();
    }

    @Test
    void renames() {
        assertThat(libvirt.run("rename", "web", "web-old"))
                .isEqualTo(new JvirtRun(0, "Domain 'web' is now 'web-old'\n", ""));
        assertThat(state("web-old")).isEqualTo(DomainState.SHUTOFF);
        assertThat(libvirt.run("rename", "test", "other"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'test' is running: libvirt renames only what is off\n"
                                + "hint: jvirt stop test\n"));
        JvirtRun taken = libvirt.run("rename", "web-old", "test");
        assertThat(taken.exit()).isEqualTo(1);
        assertThat(taken.err()).isEqualTo("jvirt: a domain 'test' exists already\nhint: choose another name\n");
        assertThat(libvirt.run("rename", "web-old", "a/b").exit()).isEqualTo(2);
    }

    @Test
    void rebootWaitsForOneGuestAndNotForItsConsole() {
        assertThat(libvirt.run("reboot", "test", "--wait", "console:login"))
                .isEqualTo(new JvirtRun(
                        2,
                        "",
                        "jvirt: --wait console:login: the console has the text of before, too\n"
                                + "hint: wait for ping:ADDRESS, tcp:ADDRESS:PORT, agent or rebooted\n"));
        assertThat(libvirt.run("reboot", "test", "db", "--wait", "agent").err())
                .isEqualTo("jvirt: --wait is for one domain\nhint: run it for each of them\n");
        assertThat(libvirt.run("reboot", "test", "--timeout", "5").err())
                .isEqualTo("jvirt: --timeout is of --wait\nhint: jvirt reboot test --wait agent --timeout 5\n");
    }
}
