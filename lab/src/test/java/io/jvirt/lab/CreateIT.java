// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code jvirt create} without an installation source: domains and their disks, seen by virsh and qemu-img. */
class CreateIT extends OnKvm1 {
    @Test
    void theFirstLineOfTheReadme() {
        Outcome outcome = jvirt.run("create", "--name", "lab-centos", "--disk", "10G", "--format", "qcow2")
                .ok();
        assertThat(outcome.out() + outcome.err()).contains("lab-centos", "jvirt start lab-centos");
        assertThat(virsh.domains()).contains("lab-centos");
        assertThat(virsh.state("lab-centos")).isEqualTo("shut off");
        assertThat(disk("lab-centos")).startsWith(POOL);
        qemuImg.assertSound(disk("lab-centos"), "qcow2", 10 * GIB);

        // Devices that a guest can be used with.
        assertThat(virsh.xpath("lab-centos", "/domain/devices/disk/target/@bus"))
                .contains("virtio");
        assertThat(virsh.xpath("lab-centos", "/domain/devices/interface/source/@network"))
                .contains("default");
        assertThat(virsh.xpath("lab-centos", "/domain/devices/serial")).contains("serial");
        assertThat(virsh.xpath("lab-centos", "/domain/devices/channel/target/@name"))
                .contains("org.qemu.guest_agent.0");
        assertThat(virsh.xpath("lab-centos", "/domain/devices/rng")).contains("/dev/urandom");

        // The volume is one to libvirt, too, and the definition holds before its schema.
        assertThat(virsh.run("vol-list", "default").ok().out()).contains("lab-centos");
        HOST.sh("virsh -q dumpxml --inactive lab-centos >/tmp/lab-centos.xml; virsh -q define --validate"
                        + " /tmp/lab-centos.xml; rm /tmp/lab-centos.xml")
                .ok();
        delete("lab-centos");
    }

    @ParameterizedTest
    @CsvSource({
        "qcow2,off",
        "qcow2,metadata",
        "qcow2,falloc",
        "qcow2,full",
        "raw,off",
        "raw,falloc",
        "raw,full",
    })
    void formatAndPreallocation(String format, String preallocation) {
        jvirt.run("create", "--name", "lab-p", "--disk", "64M,preallocation=" + preallocation, "--format", format)
                .ok();
        qemuImg.assertSound(disk("lab-p"), format, 64L << 20);
        long allocatedBytes = qemuImg.info(disk("lab-p")).path("actual-size").asLong();
        if (preallocation.equals("falloc") || preallocation.equals("full")) {
            assertThat(allocatedBytes).isGreaterThanOrEqualTo(64L << 20);
        } else {
            assertThat(allocatedBytes).isLessThan(2L << 20);
        }
        assertThat(virsh.xpath("lab-p", "/domain/devices/disk/driver/@type")).contains(format);
        delete("lab-p");
    }

    @Test
    void severalDisksEachItsOwn() {
        jvirt.run(
                        "create",
                        "lab-many",
                        "--disk",
                        "1G",
                        "--disk",
                        "size=2,format=raw",
                        "--disk",
                        "512M,bus=sata,cache=none",
                        "--disk",
                        "100M,path=" + ELSEWHERE + "lab-many-data.qcow2")
                .ok();
        assertThat(virsh.disks("lab-many")).hasSize(4);
        qemuImg.assertSound(POOL + "lab-many.qcow2", "qcow2", GIB);
        qemuImg.assertSound(POOL + "lab-many-2.raw", "raw", 2 * GIB);
        qemuImg.assertSound(POOL + "lab-many-3.qcow2", "qcow2", 512L << 20);
        qemuImg.assertSound(ELSEWHERE + "lab-many-data.qcow2", "qcow2", 100L << 20);
        assertThat(virsh.xpath("lab-many", "//disk[source/@file='" + POOL + "lab-many-3.qcow2']/target/@bus"))
                .contains("sata");
        assertThat(virsh.xpath("lab-many", "//disk[target/@bus='sata']/driver/@cache"))
                .contains("none");
        delete("lab-many");
        assertThat(exists(ELSEWHERE + "lab-many-data.qcow2")).isFalse();
    }

    @Test
    void aDirectoryThatIsNoPool() {
        jvirt.run("create", "--name", "lab-dir", "--disk", "1G", "--dir", "/var/lib/libvirt/elsewhere")
                .ok();
        assertThat(disk("lab-dir")).startsWith(ELSEWHERE);
        qemuImg.assertSound(disk("lab-dir"), "qcow2", GIB);
        delete("lab-dir");
    }

    @Test
    void memoryProcessorsMachine() {
        jvirt.run(
                        "create",
                        "--name",
                        "lab-hw",
                        "--disk",
                        "1G",
                        "--memory",
                        "512M",
                        "--vcpus",
                        "3",
                        "--machine",
                        "pc",
                        "--graphics",
                        "vnc",
                        "--network",
                        "none")
                .ok();
        assertThat(virsh.xpath("lab-hw", "/domain/memory/text()")).isEqualTo("524288");
        assertThat(virsh.xpath("lab-hw", "/domain/vcpu/text()")).isEqualTo("3");
        assertThat(virsh.xpath("lab-hw", "/domain/os/type/@machine")).contains("pc");
        assertThat(virsh.xpath("lab-hw", "/domain/devices/graphics/@type")).contains("vnc");
        assertThat(virsh.run("dumpxml", "lab-hw").ok().out()).doesNotContain("<interface");
        delete("lab-hw");
    }

    @Test
    void networksNatAndBridge() {
        jvirt.run(
                        "create",
                        "--name",
                        "lab-net",
                        "--disk",
                        "1G",
                        "--network",
                        "default,mac=52:54:00:0a:0b:0c",
                        "--network",
                        "bridge=br0,model=e1000e")
                .ok();
        assertThat(virsh.xpath("lab-net", "/domain/devices/interface[1]/mac/@address"))
                .contains("52:54:00:0a:0b:0c");
        assertThat(virsh.xpath("lab-net", "/domain/devices/interface[2]/source/@bridge"))
                .contains("br0");
        assertThat(virsh.xpath("lab-net", "/domain/devices/interface[2]/model/@type"))
                .contains("e1000e");
        delete("lab-net");
    }

    @Test
    void autostartIsLibvirtsOwn() {
        jvirt.run("create", "--name", "lab-auto", "--disk", "1G", "--autostart").ok();
        assertThat(exists("/etc/libvirt/qemu/autostart/lab-auto.xml")).isTrue();
        JsonNode listed = jvirt.json("autostart", "list");
        assertThat(listed.toString()).contains("lab-auto");
        jvirt.run("autostart", "off", "lab-auto").ok();
        assertThat(exists("/etc/libvirt/qemu/autostart/lab-auto.xml")).isFalse();
        jvirt.run("autostart", "on", "lab-auto").ok();
        assertThat(exists("/etc/libvirt/qemu/autostart/lab-auto.xml")).isTrue();
        delete("lab-auto");
    }

    @Test
    void dryRunAndPrintXmlTouchNothing() {
        Outcome dry = jvirt.run("create", "--name", "lab-dry", "--disk", "1G", "--dry-run")
                .ok();
        assertThat(dry.out() + dry.err()).contains("lab-dry");
        Outcome xml = jvirt.run("create", "--name", "lab-dry", "--disk", "1G", "--print-xml")
                .ok();
        assertThat(xml.out().strip())
                .startsWith("<domain")
                .contains("<name>lab-dry</name>")
                .endsWith("</domain>");
        assertThat(virsh.domains()).doesNotContain("lab-dry");
        assertThat(sandbox.leftBehind()).isEmpty();
    }

    @Test
    void listAndInfoTell() {
        jvirt.run("create", "--name", "lab-info", "--disk", "1G", "--memory", "256M")
                .ok();
        assertThat(jvirt.run("list", "--all").ok().out()).contains("lab-info");
        assertThat(jvirt.json("list", "--all").toString()).contains("lab-info");
        assertThat(jvirt.run("-o", "name", "list", "--all").ok().lines()).contains("lab-info");
        assertThat(jvirt.run("-o", "yaml", "list", "--all").ok().out()).contains("lab-info");
        JsonNode info = jvirt.json("info", "lab-info");
        assertThat(info.toString()).contains(disk("lab-info"), Long.toString(GIB));
        assertThat(jvirt.run("info", "lab-info").ok().out()).contains("lab-info", disk("lab-info"));
        jvirt.run("info", "lab-none").failsWith(3, "lab-none", "jvirt list");
        delete("lab-info");
    }
}
