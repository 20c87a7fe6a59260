// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code delete}, {@code undelete} and {@code purge}, looked at from outside with virsh. */
class TrashIT extends OnKvm1 {
    private static final String TRASH = "/var/lib/libvirt/.jvirt-trash";

    @Test
    void allOfAMachineComesBack() {
        jvirt.run(
                        "create",
                        "--name",
                        "lab-back",
                        "--disk",
                        "1G",
                        "--memory",
                        "256M",
                        "--firmware",
                        "uefi",
                        "--autostart",
                        "--location",
                        TINY_TREE)
                .ok();
        String disk = disk("lab-back");
        pullThePlug("lab-back");
        HOST.sh("qemu-io -c 'write -P 77 1M 64k' " + disk).ok();
        String nvram = "/var/lib/libvirt/qemu/nvram/lab-back_VARS.fd";
        String nvramDigest = HOST.sh("sha256sum < " + nvram).ok().out();
        // UEFI machines take external snapshots only, whose metadata is the same.
        virsh.run(
                        "snapshot-create-as",
                        "lab-back",
                        "first",
                        "--disk-only",
                        "--diskspec",
                        "vda,file=" + POOL + "lab-first")
                .ok();
        String definition = virsh.run("dumpxml", "--inactive", "lab-back").ok().out();
        String snapshot =
                virsh.run("snapshot-dumpxml", "lab-back", "first").ok().out();

        jvirt.run("delete", "lab-back", "--yes").ok();
        assertThat(virsh.domains()).doesNotContain("lab-back");
        assertThat(virsh.run("vol-list", "default").ok().out()).doesNotContain("lab-first", "trash");
        assertThat(exists(POOL + "lab-first")).isFalse();
        assertThat(exists(nvram)).isFalse();
        assertThat(jvirt.run("trash", "list").ok().out()).contains("lab-back", POOL + "lab-first");
        assertThat(HOST.sh("stat -c %a " + TRASH).ok().out()).isEqualTo("700\n");

        jvirt.run("undelete", "lab-back").ok();
        // libvirt sorts the controllers when it reads a definition.
        assertThat(virsh.run("dumpxml", "--inactive", "lab-back").ok().out().lines())
                .containsExactlyInAnyOrderElementsOf(definition.lines().toList());
        assertThat(virsh.run("snapshot-dumpxml", "lab-back", "first").ok().out().lines())
                .containsExactlyInAnyOrderElementsOf(snapshot.lines().toList());
        assertThat(HOST.sh("sha256sum < " + nvram).ok().out()).isEqualTo(nvramDigest);
        assertThat(exists("/etc/libvirt/qemu/autostart/lab-back.xml")).isTrue();
        assertThat(virsh.run("vol-list", "default").ok().out()).contains("lab-first");
        HOST.sh("qemu-io -r -c 'read -P 77 1M 64k' " + POOL + "lab-first").ok();
        assertThat(exists(TRASH)).isFalse();
        assertThat(jvirt.run("trash", "list", "-o", "name").ok().out()).isEmpty();
        delete("lab-back");
        assertThat(exists(disk)).isFalse();
    }

    @Test
    void savedMemoryComesBack() {
        jvirt.run("create", "--name", "lab-saved", "--memory", "256M", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-saved");
        virsh.run("checkpoint-create-as", "lab-saved", "monday").ok();
        try (Running console = jvirt.console("lab-saved")) {
            console.send("echo remember me >/note; echo noted $((1+1))\n");
            console.expect("noted 2", BOOT);
        }
        jvirt.run("save", "lab-saved").ok();
        // As seen from where libvirt's directory is not the one that it uses.
        HOST.sh("unshare -m sh -c 'mount -t tmpfs none /var/lib/libvirt/qemu/save; exec " + LabHost.CHECKOUT
                        + "/jvirt delete lab-saved --yes'")
                .failsWith(4, "cannot wait in the trash: it is not where libvirt keeps it", "delete lab-saved --purge");
        jvirt.run("delete", "lab-saved", "--yes").ok();
        assertThat(exists("/var/lib/libvirt/qemu/save/lab-saved.save")).isFalse();
        jvirt.run("undelete", "lab-saved").ok();
        assertThat(virsh.run("checkpoint-list", "lab-saved", "--name").ok().lines())
                .containsExactly("monday");
        jvirt.run("start", "lab-saved").ok();
        try (Running console = jvirt.console("lab-saved")) {
            console.send("cat /note\n");
            console.expect("remember me", BOOT);
        }
        delete("lab-saved");
    }

    @Test
    void aTakenName() {
        jvirt.run("create", "--name", "lab-twice", "--disk", "1G").ok();
        jvirt.run("delete", "lab-twice", "--yes").ok();
        jvirt.run("create", "--name", "lab-twice", "--disk", "2G").ok();
        assertThat(jvirt.run("undelete", "lab-twice").ok().err()).contains("it comes back as 'lab-twice-2'");
        qemuImg.assertSound(disk("lab-twice"), "qcow2", 2 * GIB);
        qemuImg.assertSound(disk("lab-twice-2"), "qcow2", GIB);
        delete("lab-twice", "lab-twice-2");
    }

    @Test
    void purging() {
        jvirt.run("create", "--name", "lab-old", "--disk", "8M,format=raw,preallocation=full")
                .ok();
        jvirt.run("delete", "lab-old", "--yes").ok();
        jvirt.run("purge", "--older-than", "1h", "--yes").ok();
        assertThat(jvirt.run("trash", "list").ok().out()).contains("lab-old", "8 MiB");
        jvirt.run("purge", "--max-size", "1M", "--yes").ok();
        assertThat(exists(TRASH)).isFalse();
        jvirt.run("undelete", "lab-old").failsWith(3, "lab-old", "jvirt trash list");
    }

    @Test
    void aDirectoryThatMayNotBeWritten() {
        String directory = ELSEWHERE + "ro";
        HOST.sh("mkdir -p " + directory + "; qemu-img create -q -f qcow2 " + directory + "/lab-ro.qcow2 1M")
                .ok();
        jvirt.run("create", "--name", "lab-ro", "--import", directory + "/lab-ro.qcow2", "--no-start")
                .ok();
        HOST.sh("unshare -m sh -c 'mount --bind " + directory + " " + directory + "; mount -o remount,ro,bind "
                        + directory + "; exec " + LabHost.CHECKOUT + "/jvirt delete lab-ro --purge --yes'")
                .failsWith(1, "permission denied in " + directory, "run it as root, or leave the disks: --keep-disks");
        assertThat(virsh.domains()).contains("lab-ro");
        delete("lab-ro");
        HOST.exec("rmdir", directory).ok();
    }

    @Test
    void whatIsNoFileNeedsPurge() {
        HOST.sh("truncate -s 64M " + ELSEWHERE + "lab-loop; losetup /dev/loop77 " + ELSEWHERE
                        + "lab-loop 2>/dev/null || { mknod /dev/loop77 b 7 77; losetup /dev/loop77 " + ELSEWHERE
                        + "lab-loop; }")
                .ok();
        try {
            jvirt.run("create", "--name", "lab-block", "--import", "/dev/loop77", "--no-start")
                    .ok();
            jvirt.run("delete", "lab-block", "--yes").failsWith(4, "/dev/loop77", "--purge");
            assertThat(virsh.domains()).contains("lab-block");
            jvirt.run("delete", "lab-block", "--yes", "--keep-disks", "--purge").ok();
        } finally {
            HOST.sh("losetup -d /dev/loop77; rm " + ELSEWHERE + "lab-loop").ok();
        }
    }
}
