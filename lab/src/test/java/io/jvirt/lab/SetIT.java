// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code jvirt set} on a running guest and on one that is off, looked at with virsh, also after the next start. */
class SetIT extends OnKvm1 {
    @Test
    void aRunningGuestAndItsNextStart() {
        HOST.sh("qemu-img create -q -f qcow2 " + POOL + "lab-extra.qcow2 64M; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", "--name", "lab-set", "--memory", "256M", "--vcpus", "2", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-set");
        Outcome outcome = jvirt.run(
                        "set",
                        "lab-set",
                        "--memory",
                        "192M",
                        "--title",
                        "What it is for",
                        "--cpu",
                        "qemu64",
                        "--network",
                        "1,link=down",
                        "--add-disk",
                        POOL + "lab-extra.qcow2,cache=none",
                        "--resize-disk",
                        "vda=1G")
                .ok();
        assertThat(outcome.out()).contains("CPU: qemu64 (from the next start on)", "  memory: 192 MiB\n");
        assertThat(virsh.run("domblklist", "lab-set").ok().out()).contains(POOL + "lab-extra.qcow2");
        assertThat(virsh.run("domblkinfo", "lab-set", "vda").ok().out()).contains("1073741824");
        assertThat(virsh.run("domif-getlink", "lab-set", mac()).ok().out()).contains("down");
        assertThat(virsh.run("desc", "lab-set", "--title").ok().out()).contains("What it is for");
        try (Running console = jvirt.console("lab-set")) {
            console.send("grep vdb /proc/partitions; wc -l </proc/partitions\n");
            console.expect("65536 vdb", BOOT);
        }
        jvirt.run("set", "lab-set", "--live", "--cpu", "qemu64").failsWith(4, "cannot change its CPU", "--live");

        jvirt.run("stop", "lab-set", "--force").ok();
        jvirt.run("start", "lab-set").ok();
        assertThat(virsh.xpath("lab-set", "/domain/cpu/model/text()")).contains("qemu64");
        assertThat(virsh.xpath("lab-set", "/domain/memory/text()")).contains("196608");
        assertThat(virsh.xpath("lab-set", "/domain/devices/disk[2]/driver/@cache"))
                .contains("none");
        assertTinyGuestTalks("lab-set");
        jvirt.run("set", "lab-set", "--remove-disk", "vdb").ok();
        assertThat(virsh.run("domblklist", "lab-set").ok().out()).doesNotContain("lab-extra");
        assertThat(exists(POOL + "lab-extra.qcow2")).isTrue();
        jvirt.run("stop", "lab-set", "--force").ok();
        jvirt.run("set", "lab-set", "--resize-disk", "vda=2G", "--vcpus", "1").ok();
        qemuImg.assertSound(disk("lab-set"), "qcow2", 2 * GIB);
        delete("lab-set");
        HOST.sh("rm " + POOL + "lab-extra.qcow2; virsh -q pool-refresh default").ok();
    }

    @Test
    void whatFailsOnTheWayIsUndone() {
        HOST.sh("for i in 1 2 3 4 5 6; do qemu-img create -q -f raw " + POOL + "lab-many$i 1M; done")
                .ok();
        jvirt.run("create", "--name", "lab-undo", "--memory", "256M", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-undo");
        String before = virsh.run("dumpxml", "--inactive", "lab-undo").ok().out();
        String[] set = {
            "set",
            "lab-undo",
            "--title",
            "x",
            "--add-disk",
            "",
            "--add-disk",
            "",
            "--add-disk",
            "",
            "--add-disk",
            "",
            "--add-disk",
            "",
            "--add-disk",
            ""
        };
        for (int i = 1; i <= 6; i++) {
            set[3 + 2 * i] = POOL + "lab-many" + i;
        }
        jvirt.run(set).failsWith(1, "no free slot", "--config");
        assertThat(virsh.run("dumpxml", "--inactive", "lab-undo").ok().out()).isEqualTo(before);
        jvirt.run("recover", "-o", "name").ok();
        delete("lab-undo");
        HOST.sh("rm " + POOL + "lab-many*; virsh -q pool-refresh default").ok();
    }

    private String mac() {
        return virsh.xpath("lab-set", "/domain/devices/interface/mac/@address").replaceAll(".*\"(.*)\".*", "$1");
    }
}
