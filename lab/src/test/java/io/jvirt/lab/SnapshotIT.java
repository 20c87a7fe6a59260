// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code jvirt snapshot} on real images and a running guest; virsh, qemu-io and qemu-img judge. */
class SnapshotIT extends OnKvm1 {
    private void write(String image, String pattern, String offset) {
        HOST.exec("qemu-io", "-f", "qcow2", "-c", "write -P " + pattern + " " + offset + " 64k", image)
                .ok();
    }

    private void assertHolds(String image, String pattern, String offset) {
        assertThat(HOST.exec("qemu-io", "-r", "-f", "qcow2", "-c", "read -P " + pattern + " " + offset + " 64k", image)
                        .ok()
                        .out())
                .doesNotContain("verification failed");
    }

    @Test
    void externalOnesOfAMachineThatIsOff() {
        jvirt.run("create", "lab-snap", "--disk", "64M").ok();
        String base = disk("lab-snap");
        write(base, "0x11", "0");
        jvirt.run("snapshot", "create", "lab-snap", "one", "--external").ok();
        assertThat(virsh.run("snapshot-list", "lab-snap", "--external", "--name")
                        .ok()
                        .lines())
                .containsExactly("one");
        write(disk("lab-snap"), "0x22", "0");

        jvirt.run("snapshot", "revert", "lab-snap", "one", "--yes").ok();
        assertHolds(disk("lab-snap"), "0x11", "0");
        write(disk("lab-snap"), "0x33", "1M");
        jvirt.run("snapshot", "create", "lab-snap", "two", "--external").ok();
        jvirt.run("clone", "lab-snap", "lab-linked", "--mode", "linked").ok();

        // The clone lies on the newest overlay; deleting 'one' must not take anything from below it.
        jvirt.run("snapshot", "delete", "lab-snap", "one", "--yes").ok();
        assertHolds(disk("lab-linked"), "0x11", "0");
        assertHolds(disk("lab-linked"), "0x33", "1M");
        delete("lab-linked");
        jvirt.run("snapshot", "delete", "lab-snap", "two", "--yes").ok();
        assertHolds(disk("lab-snap"), "0x11", "0");
        assertHolds(disk("lab-snap"), "0x33", "1M");
        HOST.exec("qemu-img", "check", disk("lab-snap")).ok();
        assertThat(virsh.run("snapshot-list", "lab-snap", "--name").ok().lines())
                .isEmpty();
        HOST.sh("virsh -q undefine lab-snap; rm -f " + POOL + "lab-snap*").ok();
    }

    @Test
    void aRunningGuestGoesBackWithItsMemory() {
        jvirt.run("create", "lab-snap", "--image", TINY_DISK, "--vcpus", "1", "--memory", "256M")
                .ok();
        assertTinyGuestTalks("lab-snap");
        jvirt.run("snapshot", "create", "lab-snap", "awake").ok();
        jvirt.run("stop", "lab-snap", "--force").ok();
        jvirt.run("snapshot", "revert", "lab-snap", "awake", "--yes").ok();
        assertThat(virsh.state("lab-snap")).isEqualTo("running");
        assertTinyGuestTalks("lab-snap");
        jvirt.run("snapshot", "create", "lab-snap", "disks", "--disk-only").ok();
        jvirt.run("snapshot", "revert", "lab-snap", "disks", "--yes").failsWith(4, "running", "jvirt stop");
        jvirt.run("snapshot", "revert", "lab-snap", "awake", "--yes").failsWith(4, "goes on in", "delete the external");
        jvirt.run("stop", "lab-snap", "--force").ok();
        jvirt.run("snapshot", "delete", "lab-snap", "disks", "--yes").ok();
        assertThat(disk("lab-snap")).isEqualTo(POOL + "lab-snap.qcow2");
        delete("lab-snap");
    }

    /** libvirt leaves the file with the memory. */
    @Test
    void theMemoryOfARunningGuestGoesWithItsSnapshot() {
        jvirt.run("create", "lab-snap", "--image", TINY_DISK, "--memory", "128M")
                .ok();
        jvirt.run("snapshot", "create", "lab-snap", "live", "--external").ok();
        String memory = POOL + "lab-snap.live.memory";
        assertThat(exists(memory)).isTrue();
        assertThat(virsh.state("lab-snap")).isEqualTo("running");
        jvirt.run("snapshot", "delete", "lab-snap", "live", "--yes").ok();
        assertThat(exists(memory)).isFalse();
        assertThat(virsh.run("snapshot-list", "lab-snap", "--name").ok().lines())
                .isEmpty();
        assertThat(disk("lab-snap")).isEqualTo(POOL + "lab-snap.qcow2");
        assertThat(virsh.state("lab-snap")).isEqualTo("running");
        delete("lab-snap");
    }

    /** libvirt goes on merging: recover waits for it, and the memory goes. */
    @Test
    void killedWhileLibvirtMergesNothingIsLeft() {
        jvirt.run("create", "lab-snap", "--image", TINY_DISK, "--disk", "1G", "--vcpus", "1", "--memory", "128M")
                .ok();
        assertTinyGuestTalks("lab-snap");
        jvirt.run("snapshot", "create", "lab-snap", "live", "--external").ok();
        jvirt.run(
                        "console",
                        "lab-snap",
                        "--type",
                        "dd if=/dev/zero of=/dev/vda bs=1M seek=500 count=24 conv=fsync && echo writ\"\"ten",
                        "--expect",
                        "written")
                .ok();
        try (Running held = HOST.start(List.of(
                "sh",
                "-ec",
                "exec strace -f -qq -o /dev/null -e trace=pwrite64,pwritev -e inject=pwrite64,pwritev:delay_enter=400000"
                        + " -p $(cat /run/libvirt/qemu/lab-snap.pid)"))) {
            while (HOST.sh("grep -q '^TracerPid:.[1-9]' /proc/$(cat /run/libvirt/qemu/lab-snap.pid)/status")
                            .exit()
                    != 0) {
                assertThat(held.isAlive()).as("%s", held).isTrue();
                Running.pause();
            }
            try (Running deletion = jvirt.start("snapshot", "delete", "lab-snap", "live", "--yes")) {
                while (!HOST.sh("virsh blockjob lab-snap vda --raw").out().contains("Commit")) {
                    assertThat(deletion.isAlive()).as("%s", deletion).isTrue();
                    Running.pause();
                }
                deletion.signal("KILL");
                deletion.await(LabHost.PATIENCE);
            }
            try (Running recovery = jvirt.start("recover", "--rollback", "--yes")) {
                while (!recovery.err().contains("libvirt is still merging snapshot 'live' of domain 'lab-snap'")) {
                    assertThat(recovery.isAlive()).as("%s", recovery).isTrue();
                    Running.pause();
                }
                held.signalProgram("INT");
                held.await(LabHost.PATIENCE);
                assertThat(recovery.await(LabHost.PATIENCE).exit()).isZero();
            }
        }
        assertThat(exists(POOL + "lab-snap.live.memory")).isFalse();
        assertThat(virsh.run("snapshot-list", "lab-snap", "--name").ok().lines())
                .isEmpty();
        assertThat(disk("lab-snap")).isEqualTo(POOL + "lab-snap.qcow2");
        delete("lab-snap");
    }
}
