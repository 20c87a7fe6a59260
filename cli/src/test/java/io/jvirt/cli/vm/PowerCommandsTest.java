// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** list, start, stop and autostart on libvirt's test driver. */
class PowerCommandsTest {
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
    void listsAll() throws IOException {
        JvirtRun run = libvirt.run("list");
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .isEqualTo("ID  NAME  STATE     AUTOSTART\n1   test  running   off\n-   web   shut off  off\n");
        Golden.check("list.json", libvirt.run("list", "-o", "json").out());
        Golden.check("list.yaml", libvirt.run("list", "-o", "yaml").out());
    }

    @Test
    void listsSome() {
        assertThat(libvirt.run("list", "--running", "-o", "name").out()).isEqualTo("test\n");
        assertThat(libvirt.run("list", "--off", "-o", "name").out()).isEqualTo("web\n");
        assertThat(libvirt.run("list", "--all", "-o", "name").out()).isEqualTo("test\nweb\n");
    }

    @Test
    void startsAndStops() throws IOException {
        JvirtRun start = libvirt.run("start", "web");
        assertThat(start).isEqualTo(new JvirtRun(0, "Domain 'web' started\n", ""));
        assertThat(libvirt.isActive("web")).isTrue();
        assertThat(libvirt.run("start", "web").out()).isEqualTo("Domain 'web' is already running\n");
        assertThat(libvirt.run("stop", "web")).isEqualTo(new JvirtRun(0, "Domain 'web' is off\n", ""));
        assertThat(libvirt.isActive("web")).isFalse();
        assertThat(libvirt.run("stop", "web").out()).isEqualTo("Domain 'web' is already off\n");
        Golden.check(
                "start.json", libvirt.run("start", "web", "test", "-o", "json").out());
        Golden.check("stop.json", libvirt.run("stop", "web", "-o", "json").out());
    }

    @Test
    void waitsUntilTheGuestIsReady() {
        assertThat(libvirt.run("start", "web", "--wait", "ping:127.0.0.1").out())
                .isEqualTo("Domain 'web' started\n");
        JvirtRun late = libvirt.run("start", "web", "--wait", "tcp:127.0.0.1:1", "--timeout", "1");
        assertThat(late.exit()).isEqualTo(1);
        assertThat(late.err())
                .isEqualTo("jvirt: domain 'web' runs but is not ready: tcp:127.0.0.1:1 did not pass within 1 s\n"
                        + "hint: --timeout gives it more time; jvirt console web shows what it does\n");
        JvirtRun none = libvirt.run("start", "web", "--wait", "ready");
        assertThat(none.exit()).isEqualTo(2);
        assertThat(none.err())
                .isEqualTo("jvirt: domain 'web' has no probe of its own to wait for\n"
                        + "hint: jvirt start web --wait agent, or give it one: jvirt autostart on web --ready …\n");
        assertThat(libvirt.run("start", "web", "--wait", "agent", "--paused").err())
                .isEqualTo("jvirt: --wait goes with a guest that runs, and takes its console\n"
                        + "hint: jvirt start web --wait agent\n");
        assertThat(libvirt.run("start", "web", "--timeout", "5").err())
                .isEqualTo("jvirt: --timeout is of --wait\nhint: jvirt start web --wait agent --timeout 5\n");
        assertThat(libvirt.run("autostart", "on", "web", "--ready", "ping:127.0.0.1")
                        .exit())
                .isZero();
        assertThat(libvirt.run("start", "web", "--wait", "ready").out()).isEqualTo("Domain 'web' is already running\n");
    }

    @Test
    void pullsThePlug() {
        assertThat(libvirt.run("stop", "--timeout", "0", "--force", "test").out())
                .isEqualTo("Domain 'test' was forced off\n");
        assertThat(libvirt.isActive("test")).isFalse();
    }

    @Test
    void noTimeAndNoForceIsWrongUsage() {
        JvirtRun run = libvirt.run("stop", "--timeout", "0", "test");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: --timeout 0 gives the guest no time to shut down\n"
                        + "hint: add --force to pull the plug\n");
    }

    @Test
    void aDurationThatIsNone() {
        JvirtRun run = libvirt.run("stop", "--timeout", "soon", "test");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: --timeout 'soon' is no duration\nhint: write 90 (seconds), 500ms, 5m, 1h or 7d\n");
    }

    @Test
    void aPausedGuestCannotShutDown() {
        assertThat(libvirt.run("start", "web").exit()).isZero();
        try (Domain domain = libvirt.host().findDomain("web")) {
            domain.suspend();
        }
        JvirtRun stop = libvirt.run("stop", "web");
        assertThat(stop.exit()).isEqualTo(1);
        assertThat(stop.err())
                .isEqualTo("jvirt: domain 'web' is paused: its guest cannot shut down\n"
                        + "hint: jvirt resume web, or jvirt stop --force web\n");
        JvirtRun start = libvirt.run("start", "web");
        assertThat(start.exit()).isEqualTo(1);
        assertThat(start.err()).isEqualTo("jvirt: domain 'web' is paused, not off\nhint: jvirt resume web\n");
        assertThat(libvirt.run("stop", "web", "--force").out()).isEqualTo("Domain 'web' was forced off\n");
    }

    @Test
    void startPausedReachesLibvirt() {
        // The test driver has no such flag; the lab starts a real one.
        JvirtRun run = libvirt.run("start", "--paused", "web");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).startsWith("jvirt: cannot start domain 'web': unsupported flags (0x1)");
    }

    @Test
    void oneThatFailsDoesNotKeepTheOthersOff() {
        JvirtRun run = libvirt.run("start", "nosuch", "web", "other");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.out()).isEqualTo("Domain 'web' started\n");
        assertThat(run.err())
                .isEqualTo("jvirt: no domain 'other' on test:///default\n"
                        + "jvirt: no domain 'nosuch' on test:///default\nhint: jvirt list shows the domains\n");
        assertThat(libvirt.run("stop", "nosuch", "web").exit()).isEqualTo(3);
        assertThat(libvirt.isActive("web")).isFalse();
    }

    @Test
    void autostart() throws IOException {
        assertThat(libvirt.run("autostart", "on", "web"))
                .isEqualTo(new JvirtRun(0, "Domain 'web' starts with the host\n", ""));
        assertThat(libvirt.run("autostart", "list").out())
                .isEqualTo("NAME  STATE     STARTED BY  ORDER  AFTER  NEEDS  READY WHEN\n"
                        + "web   shut off  libvirt     -      -      -      -\n");
        Golden.check(
                "autostart-list.json",
                libvirt.run("autostart", "list", "-o", "json").out());
        assertThat(libvirt.run("autostart", "off", "web", "-o", "name").out()).isEqualTo("web\n");
        assertThat(libvirt.run("autostart", "list", "-o", "name").out()).isEmpty();
        Golden.check(
                "autostart-on.json",
                libvirt.run("autostart", "on", "web", "-o", "json").out());
    }

    @Test
    void aTransientDomainHasNoAutostart() {
        String xml = "<domain type='test'><name>gone</name><memory>8192</memory><os><type>hvm</type></os></domain>";
        try (Domain domain = libvirt.host().createTransient(xml, false, false)) {
            JvirtRun run = libvirt.run("autostart", "on", "gone", "nosuch");
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err())
                    .isEqualTo("jvirt: no domain 'nosuch' on test:///default\n"
                            + "jvirt: domain 'gone' is transient: it has no definition to start from\n"
                            + "hint: define it first: jvirt dumpxml gone >vm.xml; jvirt define vm.xml\n");
            domain.destroy();
        }
    }

    @Test
    void infoTellsTheSizeOfAVolumeWhileItsMachineIsOff() {
        assertThat(libvirt.run("volume", "create", "default-pool", "data.raw", "3M", "--format", "raw")
                        .exit())
                .isZero();
        String machine =
                "<domain type='test'><name>stored</name><memory>65536</memory><os><type>hvm</type></os><devices>"
                        + "<disk type='volume' device='disk'><source pool='default-pool' volume='VOLUME'/><target dev='vda'/></disk>"
                        + "</devices></domain>";
        libvirt.host()
                .defineDomain(machine.replace("VOLUME", "data.raw"), false)
                .close();
        assertThat(libvirt.run("info", "stored").out())
                .contains("default-pool/data.raw")
                .contains("3 MiB")
                .doesNotContain("size unknown");
        libvirt.run("delete", "stored", "--keep-disks", "--yes");
        libvirt.host()
                .defineDomain(machine.replace("VOLUME", "gone.raw"), false)
                .close();
        assertThat(libvirt.run("info", "stored").out()).contains("size unknown: there is no such volume");
    }

    @Test
    void info() throws IOException {
        JvirtRun run = libvirt.run("info", "test");
        assertThat(run.exit()).isZero();
        assertThat(run.err()).isEmpty();
        Golden.check("info.txt", run.out());
        Golden.check("info.json", libvirt.run("info", "test", "-o", "json").out());
        assertThat(libvirt.run("info", "test", "-o", "name").out()).isEqualTo("test\n");
        assertThat(libvirt.run("info", "nosuch"))
                .isEqualTo(new JvirtRun(
                        3, "", "jvirt: no domain 'nosuch' on test:///default\nhint: jvirt list shows the domains\n"));
        assertThat(libvirt.run("info", "").exit()).isEqualTo(2);
    }

    @Test
    void noLibvirt() {
        for (String[] args :
                new String[][] {{"list"}, {"info", "x"}, {"start", "x"}, {"stop", "x"}, {"autostart", "list"}}) {
            String[] all = new String[args.length + 2];
            System.arraycopy(args, 0, all, 0, args.length);
            all[args.length] = "-c";
            all[args.length + 1] = "qemu+unix:///system?socket=/nonexistent/sock";
            JvirtRun run = JvirtRun.of(all);
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith("jvirt: cannot connect to qemu+unix:///system?socket=/nonexistent/sock: ")
                    .contains("\nhint: libvirt's daemon is not running: systemctl start libvirtd");
        }
    }
}
