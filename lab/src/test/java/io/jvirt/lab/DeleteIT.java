// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code jvirt delete} takes what the domain owns, all of it, and nothing that another one needs. */
class DeleteIT extends OnKvm1 {
    @Test
    void nothingIsLeft() {
        jvirt.run("create", "--name", "lab-gone", "--disk", "1G", "--disk", "1G,format=raw", "--autostart")
                .ok();
        jvirt.run("delete", "lab-gone", "--yes", "--purge").ok();
        assertThat(sandbox.leftBehind()).isEmpty();
        assertThat(HOST.sh("find /var/lib/libvirt /var/lib/jvirt -name .jvirt-trash -o -path '*trash/*'")
                        .ok()
                        .out())
                .isEmpty();
        assertThat(virsh.run("vol-list", "default").ok().out()).doesNotContain("lab-gone");
        jvirt.run("delete", "lab-gone", "--yes").failsWith(3, "lab-gone", "jvirt list");
    }

    @Test
    void withoutYesAndTerminalItAsksNobodyAndDoesNothing() {
        jvirt.run("create", "--name", "lab-ask", "--disk", "1G").ok();
        Outcome outcome = jvirt.run("delete", "lab-ask");
        assertThat(outcome.exit()).as("%s", outcome).isNotZero();
        assertThat(outcome.err()).contains("--yes");
        assertThat(virsh.domains()).contains("lab-ask");
        delete("lab-ask");
    }

    @Test
    void disksAreKept() {
        jvirt.run("create", "--name", "lab-keep", "--disk", "1G").ok();
        String disk = disk("lab-keep");
        jvirt.run("delete", "lab-keep", "--yes", "--keep-disks").ok();
        assertThat(virsh.domains()).doesNotContain("lab-keep");
        qemuImg.assertSound(disk, "qcow2", GIB);
        HOST.sh("rm " + disk + "; virsh -q pool-refresh default").ok();
    }

    @Test
    void aDiskThatAnotherDomainUses() {
        jvirt.run("create", "--name", "lab-one", "--disk", "1G").ok();
        String disk = disk("lab-one");
        HOST.sh("virsh -q dumpxml --inactive lab-one | sed -e '/<uuid>/d' -e '/<mac /d' -e 's/lab-one</lab-two</'"
                        + " >/tmp/lab-two.xml; virsh -q define /tmp/lab-two.xml; rm /tmp/lab-two.xml")
                .ok();
        jvirt.run("delete", "lab-one", "--yes").failsWith(4, disk, "--keep-disks");
        assertThat(virsh.domains()).contains("lab-one", "lab-two");
        assertThat(exists(disk)).isTrue();
        jvirt.run("delete", "lab-two", "--yes", "--keep-disks").ok();
        delete("lab-one");
    }

    @Test
    void aDiskThatBacksAnotherImage() {
        jvirt.run("create", "--name", "lab-base", "--disk", "1G").ok();
        String base = disk("lab-base");
        HOST.sh("qemu-img create -q -f qcow2 -F qcow2 -b " + base + " " + POOL
                        + "lab-over.qcow2; virsh -q pool-refresh default")
                .ok();
        jvirt.run("delete", "lab-base", "--yes").failsWith(4, "lab-over.qcow2", "");
        assertThat(exists(base)).isTrue();
        HOST.sh("rm " + POOL + "lab-over.qcow2; virsh -q pool-refresh default").ok();
        delete("lab-base");
    }

    @Test
    void nvramManagedSaveAndSnapshots() {
        jvirt.run(
                        "create",
                        "--name",
                        "lab-state",
                        "--disk",
                        "1G",
                        "--memory",
                        "256M",
                        "--firmware",
                        "uefi",
                        "--location",
                        TINY_TREE)
                .ok();
        assertThat(virsh.run("dumpxml", "lab-state").ok().out()).contains("nvram");
        assertThat(HOST.sh("ls /var/lib/libvirt/qemu/nvram").ok().out()).contains("lab-state");
        virsh.run("managedsave", "lab-state").ok();
        assertThat(exists("/var/lib/libvirt/qemu/save/lab-state.save")).isTrue();
        jvirt.run("delete", "lab-state", "--yes", "--purge").ok();
        assertThat(sandbox.leftBehind()).isEmpty();

        jvirt.run("create", "--name", "lab-snap", "--disk", "1G").ok();
        virsh.run("snapshot-create-as", "lab-snap", "first").ok();
        jvirt.run("delete", "lab-snap", "--yes", "--purge").ok();
        assertThat(sandbox.leftBehind()).isEmpty();
    }
}
