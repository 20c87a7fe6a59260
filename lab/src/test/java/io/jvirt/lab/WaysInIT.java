// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Each way in really boots: a guest answers on the console that jvirt gave it. An installer's tree does so in the runbook for
 * it, a real system in DebianCloneIT.
 */
class WaysInIT extends OnKvm1 {
    @Test
    void aTreeBootsAndStopsGracefully() {
        jvirt.run("create", "--name", "lab-tree", "--disk", "1G", "--memory", "256M", "--location", TINY_TREE)
                .ok();
        assertThat(virsh.state("lab-tree")).isEqualTo("running");
        assertTinyGuestTalks("lab-tree");
        assertThat(jvirt.run("list").ok().out()).contains("lab-tree").contains("running");

        jvirt.run("delete", "lab-tree", "--yes").failsWith(4, "running", "--force");
        assertThat(virsh.state("lab-tree")).isEqualTo("running");

        jvirt.run("stop", "lab-tree").ok();
        assertThat(virsh.state("lab-tree")).isEqualTo("shut off");
        assertThat(HOST.exec("cat", "/var/log/libvirt/qemu/lab-tree.log").ok().out())
                .contains("reason=shutdown");
        delete("lab-tree");
    }

    @Test
    void anIsoBoots() {
        jvirt.run(
                        "create",
                        "--name",
                        "lab-iso",
                        "--disk",
                        "1G",
                        "--memory",
                        "256M",
                        "--cdrom",
                        TINY_ISO,
                        "--vcpus",
                        "1")
                .ok();
        assertTinyGuestTalks("lab-iso");
        delete("lab-iso");
        assertThat(exists(TINY_ISO)).isTrue();
    }

    @Test
    void anImageIsCopied() {
        jvirt.run("create", "--name", "lab-copy", "--image", TINY_DISK, "--vcpus", "1", "--memory", "256M")
                .ok();
        assertTinyGuestTalks("lab-copy");
        jvirt.run("stop", "lab-copy", "--force").ok();
        assertThat(disk("lab-copy")).startsWith(POOL);
        assertThat(qemuImg.info(disk("lab-copy")).has("backing-filename")).isFalse();
        HOST.exec("qemu-img", "check", disk("lab-copy")).ok();
        delete("lab-copy");
        assertThat(exists(TINY_DISK)).isTrue();
    }

    @Test
    void anImageIsCopiedExactlyAndGrown() {
        jvirt.run("create", "--name", "lab-grow", "--image", TINY_DISK, "--disk", "1G", "--no-start")
                .ok();
        qemuImg.assertSound(disk("lab-grow"), "qcow2", GIB);
        // Sizes differ; what the image has is in the copy, and zeros follow.
        qemuImg.assertEqual(TINY_DISK, disk("lab-grow"));
        delete("lab-grow");
    }

    @Test
    void anImageBacksTheDisk() {
        HOST.exec("cp", TINY_DISK, ELSEWHERE + "base.qcow2").ok();
        jvirt.run("create", "--name", "lab-top", "--image", ELSEWHERE + "base.qcow2", "--backed", "--memory", "256M")
                .ok();
        assertTinyGuestTalks("lab-top");
        assertThat(qemuImg.info(disk("lab-top")).path("full-backing-filename").asText())
                .isEqualTo(ELSEWHERE + "base.qcow2");
        delete("lab-top");
        qemuImg.assertEqual(TINY_DISK, ELSEWHERE + "base.qcow2");
        HOST.exec("rm", ELSEWHERE + "base.qcow2").ok();
    }

    @Test
    void aDiskIsImportedAndNotDeletedByAFailure() {
        HOST.exec("cp", TINY_DISK, ELSEWHERE + "mine.qcow2").ok();
        jvirt.run("create", "--name", "lab-import", "--import", ELSEWHERE + "mine.qcow2", "--memory", "256M")
                .ok();
        assertThat(disk("lab-import")).isEqualTo(ELSEWHERE + "mine.qcow2");
        assertTinyGuestTalks("lab-import");
        // A second domain may not have it, and the refusal leaves the disk alone.
        Outcome second = jvirt.run("create", "--name", "lab-import2", "--import", ELSEWHERE + "mine.qcow2");
        assertThat(second.exit()).as("%s", second).isNotZero();
        assertThat(second.err()).contains("lab-import");
        assertThat(virsh.domains()).doesNotContain("lab-import2");
        assertThat(exists(ELSEWHERE + "mine.qcow2")).isTrue();
        jvirt.run("delete", "lab-import", "--force", "--yes", "--keep-disks").ok();
        assertThat(exists(ELSEWHERE + "mine.qcow2")).isTrue();
        HOST.exec("rm", ELSEWHERE + "mine.qcow2").ok();
    }

    @Test
    void pxeAsksTheNetwork() {
        jvirt.run("create", "--name", "lab-pxe", "--disk", "1G", "--memory", "256M", "--pxe", "--no-start")
                .ok();
        assertThat(virsh.run("dumpxml", "lab-pxe").ok().out()).containsPattern("boot dev='network'|<boot order='1'/>");
        delete("lab-pxe");
    }

    @Test
    void ctrlBracketLeavesTheConsole() {
        jvirt.run("create", "--name", "lab-leave", "--disk", "none", "--memory", "256M", "--location", TINY_TREE);
        if (!virsh.domains().contains("lab-leave")) {
            jvirt.run("create", "--name", "lab-leave", "--disk", "1G", "--memory", "256M", "--location", TINY_TREE)
                    .ok();
        }
        // script(1) gives it a terminal; Ctrl-] is 0x1d.
        try (Running terminal = HOST.start(java.util.List.of(
                "script", "-qec", String.join(" ", Jvirt.command("console", "lab-leave")), "/dev/null"))) {
            long deadline = System.nanoTime() + BOOT.toNanos();
            while (!terminal.out().contains("tiny#") && System.nanoTime() < deadline) {
                terminal.send("\r");
                for (int i = 0; i < 10; i++) {
                    Running.pause();
                }
            }
            assertThat(terminal.out()).contains("tiny#");
            terminal.send("\u001d");
            assertThat(terminal.await(Duration.ofSeconds(20)).exit()).isZero();
        }
        assertThat(virsh.state("lab-leave")).isEqualTo("running");
        delete("lab-leave");
    }
}
