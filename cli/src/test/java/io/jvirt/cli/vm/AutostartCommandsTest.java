// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of starts on libvirt's test driver. */
class AutostartCommandsTest {
    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.define("web");
        libvirt.define("db");
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private void order() {
        assertThat(libvirt.run("autostart", "on", "db", "--order", "10", "--ready", "tcp:127.0.0.1:1", "--timeout", "1")
                        .out())
                .isEqualTo("Domain 'db' starts with 'jvirt autostart run' (order 10)\n");
        assertThat(libvirt.run(
                                "autostart",
                                "on",
                                "web",
                                "--after",
                                "db",
                                "--needs",
                                "network:default",
                                "--delay",
                                "1500ms",
                                "--stop-timeout",
                                "20")
                        .out())
                .isEqualTo("Domain 'web' starts with 'jvirt autostart run' (order 100)\n");
    }

    @Test
    void plansAndLists() throws IOException {
        order();
        assertThat(libvirt.run("autostart", "run", "--plan").out())
                .isEqualTo("ORDER  NAME  STATE     AFTER  NEEDS            READY WHEN       DELAY\n"
                        + "10     db    shut off  -      -                tcp:127.0.0.1:1  -\n"
                        + "100    web   shut off  db     network:default  running          1500ms\n");
        Golden.check(
                "autostart-plan.json",
                libvirt.run("autostart", "run", "--plan", "-o", "json").out());
        Golden.check(
                "autostart-list-ordered.json",
                libvirt.run("autostart", "list", "-o", "json").out());
        assertThat(libvirt.run("autostart", "stop", "--plan", "-o", "name").out())
                .isEqualTo("web\ndb\n");
        assertThat(libvirt.isActive("db")).isFalse();
    }

    @Test
    void runsAndStops() throws IOException {
        order();
        JvirtRun run = libvirt.run("autostart", "run");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .isEqualTo("ORDER  NAME  RESULT     REASON\n"
                        + "10     db    not ready  tcp:127.0.0.1:1 did not pass within 1 s\n"
                        + "100    web   left off   its prerequisite 'db' did not get ready\n");
        assertThat(run.err())
                .isEqualTo("jvirt: domain 'db' runs but is not ready: tcp:127.0.0.1:1 did not pass within 1 s\n"
                        + "jvirt: domain 'web' was left off: its prerequisite 'db' did not get ready\n");
        assertThat(libvirt.isActive("web")).isFalse();

        assertThat(libvirt.run("autostart", "on", "db", "--order", "10").exit()).isZero();
        JvirtRun again = libvirt.run("autostart", "run", "-o", "json");
        assertThat(again.exit()).isZero();
        assertThat(again.out()).contains("\"already_running\"", "\"started\"");
        JvirtRun stop = libvirt.run("autostart", "stop", "--force");
        assertThat(stop.exit()).isZero();
        assertThat(stop.out())
                .isEqualTo("ORDER  NAME  RESULT   REASON\n100    web   stopped  -\n10     db    stopped  -\n");
        assertThat(libvirt.isActive("db")).isFalse();
        Golden.check(
                "autostart-stop.json",
                libvirt.run("autostart", "stop", "-o", "json").out());
    }

    @Test
    void oneThatDoesNotStopIsReported() {
        assertThat(libvirt.run("autostart", "on", "web", "--order", "1").exit()).isZero();
        assertThat(libvirt.run("start", "web").exit()).isZero();
        try (Domain web = libvirt.host().findDomain("web")) {
            web.suspend();
        }
        JvirtRun stop = libvirt.run("autostart", "stop");
        assertThat(stop.exit()).isEqualTo(1);
        assertThat(stop.out())
                .isEqualTo("ORDER  NAME  RESULT         REASON\n"
                        + "1      web   still running  domain 'web' is paused: its guest cannot shut down\n");
        // Found paused, it is not started either: somebody stopped it on purpose.
        JvirtRun run = libvirt.run("autostart", "run");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("failed  domain 'web' is paused, not off");
    }

    @Test
    void oneThatGetsNoTime() {
        assertThat(libvirt.run("autostart", "on", "web", "--order", "1", "--stop-timeout", "0")
                        .exit())
                .isZero();
        assertThat(libvirt.run("start", "web").exit()).isZero();
        JvirtRun stop = libvirt.run("autostart", "stop");
        assertThat(stop.exit()).isEqualTo(1);
        assertThat(stop.out()).contains("still running  domain 'web' was given no time to shut down");
    }

    @Test
    void nothingInTheOrder() {
        JvirtRun run = libvirt.run("autostart", "run");
        assertThat(run.exit()).isZero();
        assertThat(run.err())
                .isEqualTo("jvirt: no domain has a place in the order; 'jvirt autostart on NAME --order N' gives it"
                        + " one\n");
    }

    @Test
    void libvirtsFlagAndTheOrderExcludeEachOther() {
        assertThat(libvirt.run("autostart", "on", "db").exit()).isZero();
        JvirtRun on = libvirt.run("autostart", "on", "db", "--order", "5");
        assertThat(on.err()).isEqualTo("jvirt: libvirt's own autostart flag of 'db' is off now: jvirt starts it\n");
        JvirtRun flag = libvirt.run("autostart", "on", "db");
        assertThat(flag.exit()).isEqualTo(4);
        assertThat(flag.err())
                .isEqualTo("jvirt: domain 'db' has a place in jvirt's order: libvirt does not start it too\n"
                        + "hint: give the options of its place, or first: jvirt autostart off db\n");
        try (Domain db = libvirt.host().findDomain("db")) {
            db.setAutostart(true);
        }
        assertThat(libvirt.run("autostart", "list").err())
                .isEqualTo("jvirt: domain 'db' has libvirt's autostart flag too: 'jvirt autostart run' switches it"
                        + " off\n");
        assertThat(libvirt.run("autostart", "on", "web", "--after", "db").exit())
                .isZero();
        JvirtRun off = libvirt.run("autostart", "off", "db");
        assertThat(off.err()).isEqualTo("jvirt: domain 'web' starts after 'db', which somebody else must start now\n");
        try (Domain db = libvirt.host().findDomain("db")) {
            assertThat(db.autostart()).isFalse();
            assertThat(db.inactiveXml()).doesNotContain("jvirt");
        }
    }

    @Test
    void whatIsRefused() {
        assertThat(libvirt.run("autostart", "on", "web", "--after", "db").err())
                .isEqualTo("jvirt: 'db' has no place in the order: 'web' waits until somebody has started it\n");
        JvirtRun cycle = libvirt.run("autostart", "on", "db", "--after", "web");
        assertThat(cycle.exit()).isEqualTo(4);
        assertThat(cycle.err())
                .isEqualTo("jvirt: domain 'db' would start after itself: db after web after db\n"
                        + "hint: jvirt autostart list shows what starts after what\n");
        JvirtRun order = libvirt.run("autostart", "on", "db", "--order", "200");
        assertThat(order.exit()).isEqualTo(4);
        assertThat(order.err())
                .isEqualTo("jvirt: domain 'web' (order 100) cannot start after 'db' (order 200)\n"
                        + "hint: give it --order 100 or a lower one\n");
        JvirtRun nosuch = libvirt.run("autostart", "on", "db", "--after", "nosuch:agent");
        assertThat(nosuch.exit()).isEqualTo(3);
        assertThat(nosuch.err()).startsWith("jvirt: no domain 'nosuch' on test:///default\n");
        assertThat(libvirt.run("autostart", "on", "db", "--needs", "network:nosuch")
                        .exit())
                .isEqualTo(3);
        JvirtRun needs = libvirt.run("autostart", "on", "db", "--needs", "disk:x");
        assertThat(needs.exit()).isEqualTo(2);
        assertThat(needs.err())
                .isEqualTo("jvirt: --needs 'disk:x' names nothing\n"
                        + "hint: write network:NAME, pool:NAME or mount:/PATH\n");
        JvirtRun console = libvirt.run("autostart", "on", "db", "--after", "test:console:login:");
        assertThat(console.exit()).isEqualTo(2);
        assertThat(console.err())
                .isEqualTo("jvirt: a console's text is seen only from the start on, not by the machines that come"
                        + " after\nhint: jvirt autostart on test --ready 'console:login:'\n");
        JvirtRun two = libvirt.run("autostart", "on", "db", "web", "--ready", "ping:10.0.0.1");
        assertThat(two.exit()).isEqualTo(2);
        assertThat(two.err())
                .isEqualTo("jvirt: --ready ping:10.0.0.1 is the address of one guest\n"
                        + "hint: run the command for each domain\n");
    }

    @Test
    void theUnit(@TempDir Path directory) throws IOException {
        JvirtRun print = JvirtRun.of("autostart", "install-unit", "--print", "-c", "qemu:///system");
        Golden.check("jvirt-autostart.service", print.out());
        JvirtRun install = JvirtRun.of("autostart", "install-unit", "--dir", directory.toString());
        Path unit = directory.resolve("jvirt-autostart.service");
        assertThat(install.out())
                .isEqualTo("Wrote " + unit
                        + "\nNext: systemctl daemon-reload && systemctl enable jvirt-autostart.service\n");
        assertThat(unit).content().contains("ExecStart=/usr/bin/jvirt autostart run\n");
        Files.writeString(unit, "[Unit]\nDescription=mine\n");
        JvirtRun mine = JvirtRun.of("autostart", "install-unit", "--dir", directory.toString());
        assertThat(mine.exit()).isEqualTo(4);
        assertThat(mine.err())
                .isEqualTo("jvirt: " + unit + " is there, and jvirt did not write it\n"
                        + "hint: look at it, then: jvirt autostart install-unit --force\n");
        assertThat(JvirtRun.of("autostart", "install-unit", "--force", "--dir", directory.toString())
                        .exit())
                .isZero();
        JvirtRun nowhere = JvirtRun.of("autostart", "install-unit", "--dir", directory + "/nosuch");
        assertThat(nowhere.exit()).isEqualTo(3);
        assertThat(nowhere.err())
                .contains(
                        "no directory",
                        "hint: jvirt autostart install-unit --print shows the unit; any start script may run its ExecStart");
    }
}
