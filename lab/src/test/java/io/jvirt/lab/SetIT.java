// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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
        jvirt.run("set", "lab-set", "--resize-disk", "vda=512M").failsWith(4, "would cut its end off", "--shrink");
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

    /** One card has one address now and at the next start, and its number is that of the machine that is seen. */
    @Test
    void cardsOfTheRunningMachineAndOfItsDefinition() {
        jvirt.run("create", "--name", "lab-cards", "--memory", "128M", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-cards");
        jvirt.run("set", "lab-cards", "--add-network", "default", "--add-network", "user")
                .ok();
        List<String> cards = macs("");
        assertThat(cards).hasSize(3).isEqualTo(macs("--inactive"));
        jvirt.run("set", "lab-cards", "--live", "--remove-network", "1").ok();
        jvirt.run("set", "lab-cards", "--network", "2,link=down").ok();
        assertThat(virsh.run("domif-getlink", "--config", "lab-cards", cards.get(2))
                        .ok()
                        .out())
                .contains("down");
        jvirt.run("set", "lab-cards", "--remove-network", "1", "--remove-network", "2")
                .ok();
        assertThat(macs("")).isEmpty();
        assertThat(macs("--inactive")).containsExactly(cards.get(0));
        delete("lab-cards");
    }

    private List<String> macs(String inactive) {
        return HOST.sh("virsh domiflist lab-cards " + inactive + " | grep -o '52:.*' || :")
                .ok()
                .out()
                .lines()
                .toList();
    }

    /** What no running machine does, its next start does; what would be lost meanwhile is refused. */
    @Test
    void whatOnlyTheNextStartCanDo() {
        HOST.sh("echo \"<domain type='qemu'><name>lab-still</name><memory unit='MiB'>128</memory><os>"
                        + "<type arch='x86_64' machine='q35'>hvm</type></os><devices><disk type='file' device='disk'>"
                        + "<driver type='qcow2'/><source file='" + POOL + "lab-still.qcow2'/><target dev='sda'"
                        + " bus='sata'/></disk><filesystem><source dir='/srv'/><target dir='srv'/></filesystem>"
                        + "<graphics type='vnc' passwd='old' keymap='de'/><memballoon model='none'/></devices></domain>\""
                        + " >" + ELSEWHERE + "lab-still.xml; qemu-img create -q -f qcow2 " + POOL
                        + "lab-still.qcow2 8M; virsh define " + ELSEWHERE + "lab-still.xml; rm " + ELSEWHERE
                        + "lab-still.xml; virsh start lab-still")
                .ok();
        jvirt.run("set", "lab-still", "--remove-disk", "sda,file=trash")
                .failsWith(4, "cannot be unplugged while 'lab-still' runs", "--remove-disk sda");
        jvirt.run("set", "lab-still", "--live", "--remove-disk", "sda")
                .failsWith(4, "cannot do without it: disk sda removed", "leave --live out");
        assertThat(jvirt.run(
                                "set",
                                "lab-still",
                                "--remove-disk",
                                "sda",
                                "--remove-filesystem",
                                "srv",
                                "--memory",
                                "96M")
                        .ok()
                        .out())
                .contains(
                        "disk sda removed (its file stays) (from the next start on)",
                        "shared directory srv removed (from the next start on)",
                        "memory: 96 MiB (from the next start on)");
        assertThat(jvirt.run("set", "lab-still", "--graphics", "vnc,password=new")
                        .ok()
                        .out())
                .endsWith("  graphics: vnc,password=…\n");
        String config = virsh.run("dumpxml", "lab-still", "--inactive", "--security-info")
                .ok()
                .out();
        assertThat(config)
                .doesNotContain("<disk", "<filesystem")
                .contains("98304</memory>", "passwd='new'", "keymap='de'");
        assertThat(virsh.run("dumpxml", "lab-still", "--security-info").ok().out())
                .contains("<disk", "<filesystem", "131072</memory>", "passwd='new'", "keymap='de'");
        pullThePlug("lab-still");
        delete("lab-still");
        HOST.sh("rm -f " + POOL + "lab-still.qcow2; virsh -q pool-refresh default")
                .ok();
    }

    /** libvirt goes on from saved memory with the definition in it; the changed one counts from the start after that. */
    @Test
    void savedMemoryGoesOnAsItWas() {
        jvirt.run("create", "--name", "lab-asleep", "--memory", "128M", "--disk", "8M")
                .ok();
        jvirt.run("start", "lab-asleep").ok();
        jvirt.run("save", "lab-asleep").ok();
        assertThat(jvirt.run("set", "lab-asleep", "--memory", "96M").ok().out())
                .contains("memory: 96 MiB (from the start after the next one, which goes on from its saved memory)");
        jvirt.run("start", "lab-asleep").ok();
        assertThat(virsh.run("dumpxml", "lab-asleep").ok().out()).contains("<memory unit='KiB'>131072</memory>");
        pullThePlug("lab-asleep");
        jvirt.run("start", "lab-asleep").ok();
        assertThat(virsh.run("dumpxml", "lab-asleep").ok().out()).contains("<memory unit='KiB'>98304</memory>");
        pullThePlug("lab-asleep");
        delete("lab-asleep");
    }

    /** What is made, what takes effect when, and where what is removed goes; looked at live and after a restart. */
    @Test
    void newDisksAndTheirWayIntoTheTrash() {
        jvirt.run("create", "--name", "lab-new", "--memory", "128M", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-new");
        jvirt.run(
                        "set",
                        "lab-new",
                        "--add-disk",
                        "64M",
                        "--add-disk",
                        "size=0.03125,format=raw,preallocation=full,serial=two")
                .ok();
        String first = POOL + "lab-new-2.qcow2";
        String second = POOL + "lab-new-2.raw";
        assertThat(virsh.disks("lab-new")).containsExactly(POOL + "lab-new.qcow2", first, second);
        assertThat(virsh.run("vol-list", "default").ok().out()).contains("lab-new-2.qcow2", "lab-new-2.raw");
        try (Running console = jvirt.console("lab-new")) {
            console.send("cat /proc/partitions\n");
            console.expect("65536 vdb", BOOT);
            console.expect("32768 vdc", BOOT);
        }
        jvirt.run("set", "lab-new", "--live", "--add-disk", "16M,format=raw", "--add-network", "default")
                .ok();
        jvirt.run("set", "lab-new", "--config", "--add-filesystem", ELSEWHERE + ",elsewhere", "--vcpus", "1")
                .ok();
        assertThat(live("lab-new", "<disk ")).isEqualTo(4);
        assertThat(live("lab-new", "<interface ")).isEqualTo(2);
        assertThat(live("lab-new", "<filesystem ")).isEqualTo(0);
        jvirt.run("set", "lab-new", "--live", "--remove-disk", "vdb,file=trash")
                .failsWith(4, "would still be used", "--remove-disk vdb");
        jvirt.run("stop", "lab-new", "--force").ok();
        jvirt.run("start", "lab-new").ok();
        assertThat(live("lab-new", "<disk ")).isEqualTo(3);
        assertThat(live("lab-new", "<interface ")).isEqualTo(1);
        assertThat(live("lab-new", "<filesystem ")).isEqualTo(1);
        assertThat(live("lab-new", "<vcpu placement='static'>1<")).isEqualTo(1);
        assertTinyGuestTalks("lab-new");

        jvirt.run("set", "lab-new", "--remove-disk", "vdb,file=trash", "--remove-disk", "vdc")
                .ok();
        assertThat(virsh.disks("lab-new")).containsExactly(POOL + "lab-new.qcow2");
        assertThat(live("lab-new", "<disk ")).isEqualTo(1);
        assertThat(exists(first)).isFalse();
        assertThat(exists(second)).isTrue();
        assertThat(jvirt.run("trash", "list").ok().out()).contains("lab-new:vdb");
        jvirt.run("undelete", "lab-new:vdb", "--name", "other")
                .failsWith(2, "'lab-new:vdb' is a disk and gets no name", "leave --name out");
        assertThat(jvirt.run("undelete", "lab-new:vdb").ok().out()).contains("Disk 'lab-new:vdb' is back: " + first);
        qemuImg.assertSound(first, "qcow2", 64L << 20);
        jvirt.run("set", "lab-new", "--add-disk", first).ok();
        jvirt.run("create", "--name", "lab-new-other", "--import", second, "--no-start")
                .ok();
        jvirt.run("set", "lab-new", "--add-disk", second + ",target=vdz")
                .failsWith(4, "is used by domain 'lab-new-other'", "shareable=yes");
        virsh.run("attach-disk", "lab-new", second, "vdz", "--subdriver", "raw", "--live", "--config")
                .ok();
        jvirt.run("set", "lab-new", "--remove-disk", "vdz,file=trash")
                .failsWith(4, "is also used by domain 'lab-new-other'", "--remove-disk vdz leaves it");
        jvirt.run("set", "lab-new", "--add-disk", "1P,preallocation=full").failsWith(1, "space", "");
        jvirt.run("set", "lab-new", "--add-disk", second + ",preallocation=full")
                .failsWith(2, "preallocation", "leave");
        assertThat(exists(POOL + "lab-new-3.qcow2")).isFalse();
        jvirt.run("set", "lab-new", "--remove-disk", "vdz").ok();
        delete("lab-new-other", "lab-new");
        HOST.sh("rm -f " + POOL + "lab-new-*; virsh -q pool-refresh default").ok();
    }

    /** How often the running machine's definition has a text. */
    private int live(String domain, String text) {
        return virsh.run("dumpxml", domain).ok().out().split(Pattern.quote(text), -1).length - 1;
    }

    @Test
    void whatFailsOnTheWayIsUndone() {
        HOST.sh("for i in $(seq 32); do qemu-img create -q -f raw " + POOL + "lab-many$i 1M; done")
                .ok();
        jvirt.run("create", "--name", "lab-undo", "--memory", "256M", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-undo");
        String before = virsh.run("dumpxml", "--inactive", "lab-undo").ok().out();
        // More than a machine has slots for.
        List<String> set = new ArrayList<>(List.of("set", "lab-undo", "--title", "x"));
        for (int i = 1; i <= 32; i++) {
            set.addAll(List.of("--add-disk", POOL + "lab-many" + i));
        }
        jvirt.run(set.toArray(String[]::new)).failsWith(1, "no free slot", "--config");
        assertThat(virsh.run("dumpxml", "--inactive", "lab-undo").ok().out()).isEqualTo(before);
        jvirt.run("recover", "-o", "name").ok();
        delete("lab-undo");
        HOST.sh("rm " + POOL + "lab-many*; virsh -q pool-refresh default").ok();
    }

    /** libvirt gives this one ports beyond the fourth, which it then takes from nobody any more. */
    @Test
    void aDefinitionThatLibvirtTakesOnlyOnceStaysAsItIs() {
        String file = ELSEWHERE + "lab-odd.xml";
        HOST.sh("echo \"<domain type='qemu'><name>lab-odd</name><memory>65536</memory><os><type arch='x86_64'"
                        + " machine='q35'>hvm</type></os><devices><serial type='pty'/><serial type='pty'/>"
                        + "<serial type='pty'><target port='3'/></serial></devices></domain>\" >" + file
                        + "; virsh define " + file + "; rm " + file)
                .ok();
        String before = virsh.run("dumpxml", "--inactive", "lab-odd").ok().out();
        jvirt.run("set", "lab-odd", "--graphics", "vnc")
                .failsWith(
                        1,
                        "Maximum supported number of ISA serial ports",
                        "nothing is changed; what libvirt does not" + " take, an editor mends: jvirt edit lab-odd");
        assertThat(jvirt.run("recover", "-o", "name").ok().out()).isEmpty();
        assertThat(virsh.run("dumpxml", "--inactive", "lab-odd").ok().out()).isEqualTo(before);
        delete("lab-odd");
    }

    private String mac() {
        return virsh.xpath("lab-set", "/domain/devices/interface/mac/@address").replaceAll(".*\"(.*)\".*", "$1");
    }
}
