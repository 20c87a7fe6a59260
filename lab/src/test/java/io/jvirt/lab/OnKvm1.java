// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tests on the first host have in common. */
abstract class OnKvm1 {
    static final LabHost HOST = LabHost.KVM1;
    static final String POOL = "/var/lib/libvirt/images/";
    static final String ELSEWHERE = "/var/lib/libvirt/elsewhere/";
    static final String TINY_TREE = LabHost.GUESTS.resolve("tiny-tree").toString();
    static final String TINY_ISO = LabHost.GUESTS.resolve("tiny.iso").toString();
    static final String TINY_DISK = LabHost.GUESTS.resolve("tiny.qcow2").toString();

    /** What the tiny guest prints when it is up, and its prompt. */
    static final String TINY_UP = "jvirt tiny guest is up";

    static final Duration BOOT = Duration.ofSeconds(180);
    static final long GIB = 1L << 30;

    final Jvirt jvirt = new Jvirt(HOST);
    final Virsh virsh = new Virsh(HOST);
    final QemuImg qemuImg = new QemuImg(HOST);

    @RegisterExtension
    final Sandbox sandbox = new Sandbox(HOST);

    /** The only disk of a domain. */
    String disk(String domain) {
        assertThat(virsh.disks(domain)).hasSize(1);
        return virsh.disks(domain).get(0);
    }

    boolean exists(String file) {
        return HOST.exec("test", "-e", file).exit() == 0;
    }

    void delete(String... domains) {
        for (String domain : domains) {
            jvirt.run("delete", domain, "--yes", "--force", "--purge").ok();
            assertThat(virsh.domains()).doesNotContain(domain);
        }
    }

    /** Of a guest that has no system, or has not booted yet: it would not hear that it shall shut down. */
    void pullThePlug(String domain) {
        jvirt.run("stop", domain, "--timeout", "0", "--force").ok();
    }

    /** Waits for the tiny guest on the domain's console and talks to it. */
    void assertTinyGuestTalks(String domain) {
        try (Running console = jvirt.console(domain)) {
            // What the guest said before the console was opened is lost: a line of input makes it say its prompt again.
            long deadline = System.nanoTime() + BOOT.toNanos();
            while (!console.out().contains("tiny#") && console.isAlive() && System.nanoTime() < deadline) {
                console.send("\n");
                for (int i = 0; i < 10 && !console.out().contains("tiny#"); i++) {
                    Running.pause();
                }
            }
            console.send("echo six times seven is $((6*7))\n");
            console.expect("six times seven is 42", BOOT);
        }
    }
}
