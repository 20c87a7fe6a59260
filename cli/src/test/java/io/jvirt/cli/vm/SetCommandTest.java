// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code jvirt set} on libvirt's test driver. */
class SetCommandTest {
    private static final String XML = "<domain type='test'>\n  <name>web</name>\n"
            + "  <uuid>2f6f6a7e-5a8f-4b55-8d53-9b1b8c7d0e11</uuid>\n"
            + "  <memory unit='KiB'>65536</memory>\n  <currentMemory unit='KiB'>65536</currentMemory>\n"
            + "  <vcpu placement='static'>2</vcpu>\n  <os>\n    <type>hvm</type>\n    <boot dev='hd'/>\n  </os>\n"
            + "  <cpu><topology sockets='1' cores='2' threads='1'/></cpu>\n  <devices>\n"
            + "    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/d/web.qcow2'/>"
            + "<target dev='vda' bus='virtio'/></disk>\n"
            + "    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>\n"
            + "    <interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/>"
            + "<model type='virtio'/></interface>\n"
            + "    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='old'/>\n"
            + "  </devices>\n</domain>\n";

    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.host().defineDomain(XML, false).close();
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private String definition() {
        try (Domain domain = libvirt.host().findDomain("web")) {
            return domain.inactiveXmlWithSecrets();
        }
    }

    private JvirtRun set(String... options) {
        String[] args = new String[options.length + 2];
        args[0] = "set";
        args[1] = "web";
        System.arraycopy(options, 0, args, 2, options.length);
        return libvirt.run(args);
    }

    @Test
    void memoryAndProcessors() {
        JvirtRun run = set("--memory", "128M", "--vcpus", "4", "--max-memory", "1G", "--max-vcpus", "8");
        assertThat(run.out())
                .isEqualTo("Domain 'web' is changed:\n"
                        + "  maximum memory: 1 GiB (from the next start on)\n"
                        + "  memory: 128 MiB (from the next start on)\n"
                        + "  maximum processors: 8 (from the next start on)\n"
                        + "  processors: 4 (from the next start on)\n");
        assertThat(definition())
                .contains(
                        "<memory unit='KiB'>1048576</memory>",
                        "<currentMemory unit='KiB'>131072</currentMemory>",
                        "<vcpu placement='static' current='4'>8</vcpu>",
                        "sockets='4'",
                        "cores='2'");
    }

    @Test
    void theRestStays() {
        String before = definition();
        set("--title", "A <title>", "--description", "what it is for");
        assertThat(definition())
                .contains("<title>A &lt;title&gt;</title>", "<description>what it is for</description>");
        set("--title", "", "--description", "");
        assertThat(definition()).isEqualTo(before);
    }

    @Test
    void disks(@TempDir Path directory) throws IOException {
        Path data = Files.writeString(directory.resolve("data.raw"), "data");
        Path medium = Files.writeString(directory.resolve("cd.iso"), "medium");
        set(
                "--add-disk",
                data + ",cache=none,discard=unmap",
                "--medium",
                "sda=" + medium,
                "--disk",
                "vda,cache=unsafe");
        assertThat(definition())
                .contains(
                        "<driver name='qemu' type='qcow2' cache='unsafe'/>",
                        "<driver name='qemu' type='raw' cache='none' discard='unmap'/>",
                        "<source file='" + data + "'/>",
                        "<target dev='vdb' bus='virtio'/>",
                        "<source file='" + medium + "'/>");
        assertThat(set("--remove-disk", "vdb", "--eject", "sda").exit()).isZero();
        assertThat(definition()).doesNotContain("data.raw", "cd.iso").contains("dev='sda'");
    }

    @Test
    void networks() {
        set("--add-network", "default,mac=52:54:00:aa:bb:cc", "--network", "1,link=down");
        assertThat(definition()).contains("<mac address='52:54:00:aa:bb:cc'/>", "<link state='down'/>");
        set("--remove-network", "52:54:00:AA:BB:CC", "--network", "1,bridge=br7");
        assertThat(definition())
                .doesNotContain("52:54:00:aa:bb:cc", "network='default'")
                .contains("<source bridge='br7'/>", "<mac address='52:54:00:11:22:33'/>");
    }

    /** One card goes, and the numbers of the others with it: each number is one that the user saw. */
    @Test
    void severalNetworksByNumber() {
        set("--add-network", "default,mac=52:54:00:aa:bb:02", "--add-network", "default,mac=52:54:00:aa:bb:03");
        set("--remove-network", "1", "--remove-network", "2");
        assertThat(definition())
                .doesNotContain("52:54:00:11:22:33", "52:54:00:aa:bb:02")
                .contains("52:54:00:aa:bb:03");
    }

    @Test
    void bootOrderByClassAndByDevice() {
        set("--boot", "network,hd");
        assertThat(definition()).containsSubsequence("<boot dev='network'/>", "<boot dev='hd'/>");
        set("--boot", "sda,52:54:00:11:22:33");
        assertThat(definition()).doesNotContain("<boot dev").contains("<boot order='1'/>", "<boot order='2'/>");
    }

    @Test
    void displayCpuAndSharedDirectories() {
        set(
                "--graphics",
                "vnc,password=new,listen=0.0.0.0",
                "--cpu",
                "Haswell,-avx2",
                "--add-filesystem",
                "/srv,share");
        assertThat(definition())
                .contains("passwd='new'", "listen='0.0.0.0'", ">Haswell</model>")
                .contains("<feature policy='disable' name='avx2'/>", "<target dir='share'/>");
        set("--graphics", "vnc,password=newer");
        assertThat(definition()).as("what is not said stays").contains("passwd='newer'", "listen='0.0.0.0'");
        set("--graphics", "none", "--remove-filesystem", "share");
        assertThat(definition()).doesNotContain("<graphics", "<filesystem");
    }

    @Test
    void virtiofsNeedsSharedMemory() {
        assertThat(set("--add-filesystem", "/srv,share,driver=virtiofs").exit()).isZero();
        assertThat(definition())
                .contains(
                        "<driver type='virtiofs'/>",
                        "<target dir='share'/>",
                        "<source type='memfd'/>",
                        "<access mode='shared'/>");
    }

    @Test
    void hostDevices() {
        set("--add-device", "usb:1234:abcd", "--add-device", "pci:01:00.0");
        assertThat(definition()).contains("<vendor id='0x1234'/>", "bus='0x01'");
        assertThat(set("--remove-device", "usb:1234:abcd").exit()).isZero();
        assertThat(definition()).doesNotContain("0x1234").contains("bus='0x01'");
    }

    @Test
    void aDryRunShowsTheDifferenceWithoutPasswords() {
        String before = definition();
        JvirtRun run = set("--memory", "32M", "--graphics", "vnc,password=secret", "--dry-run");
        assertThat(run.out())
                .startsWith("Domain 'web' would be changed; nothing is:\n  memory: 32 MiB (from the next start on)\n")
                .contains("-  <memory unit='KiB'>65536</memory>\n", "+  <memory unit='KiB'>32768</memory>\n")
                .doesNotContain("old");
        assertThat(definition()).isEqualTo(before);
        assertThat(set("--memory", "32M", "-o", "json", "--dry-run").out())
                .contains("\"change\" : \"memory: 32 MiB\"", "\"when\" : \"next_start\"");
    }

    /** libvirt goes on from saved memory with the definition of then; the changed one counts from the start after that. */
    @Test
    void savedMemoryHasADefinitionOfItsOwn() {
        libvirt.run("save", "test");
        assertThat(libvirt.run("set", "test", "--memory", "32M").out())
                .isEqualTo(
                        "Domain 'test' is changed:\n"
                                + "  memory: 32 MiB (from the start after the next one, which goes on from its saved memory)\n");
        assertThat(libvirt.run("set", "test", "--memory", "64M", "-o", "json").out())
                .contains("\"when\" : \"after_saved_memory\"");
    }

    @Test
    void liveAndConfig() {
        assertThat(set("--live", "--title", "x"))
                .isEqualTo(new JvirtRun(
                        4,
                        "",
                        "jvirt: domain 'web' is not running, so nothing of it can change now\n"
                                + "hint: leave --live out: the next start has the change\n"));
        assertThat(set("--config", "--title", "x").exit()).isZero();
        assertThat(libvirt.run("set", "test", "--live", "--cpu", "Haswell").err())
                .isEqualTo("jvirt: a running machine cannot change its CPU: Haswell\n"
                        + "hint: leave --live out: the next start has it\n");
        assertThat(libvirt.run("set", "test", "--cpu", "Haswell").out())
                .isEqualTo("Domain 'test' is changed:\n  CPU: Haswell (from the next start on)\n");
    }

    /** Without a definition there is no next start that could have what does not happen now. */
    @Test
    void aTransientMachine() {
        try (Domain domain = libvirt.host().findDomain("test")) {
            domain.undefine(Set.of());
        }
        JvirtRun run = libvirt.run("set", "test", "--cpu", "Haswell");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err())
                .isEqualTo("jvirt: a running machine cannot change its CPU: Haswell\n"
                        + "hint: it is transient, so it has no next start with it either: define it first\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2|--memory|10X|jvirt: the memory '10X' has the unknown unit",
                "2|--vcpus|0|jvirt: --vcpus cannot be 0",
                "4|--vcpus|3|jvirt: 3 processors do not fit the topology of 'web', which has 2 in a socket",
                "3|--remove-disk|vdq|jvirt: domain 'web' has no disk 'vdq'",
                "3|--eject|vdq|jvirt: domain 'web' has no disk 'vdq'",
                "4|--eject|vda|jvirt: 'vda' of 'web' is a disk, not a drive with a medium",
                "2|--medium|sda|jvirt: --medium 'sda' is not TARGET=VALUE",
                "2|--disk|vda|jvirt: --disk 'vda' says nothing to change",
                "2|--disk|vda,cache=fast|jvirt: --disk: cache cannot be 'fast'",
                "2|--add-disk|bus=virtio|jvirt: --add-disk 'bus=virtio' names no disk",
                "2|--add-disk|/a,size=1|jvirt: --add-disk '/a,size=1' names a file and a size",
                "2|--add-disk|1G,volume=x|jvirt: --add-disk '1G,volume=x': volume is of a disk that is there",
                "2|--add-disk|1G,pool=a,path=/b|jvirt: --add-disk '1G,pool=a,path=/b' gives both a pool and a path",
                "2|--add-disk|/a,preallocation=full|jvirt: --add-disk '/a,preallocation=full': preallocation is of a disk",
                "3|--add-disk|1G,pool=none|jvirt: no pool 'none' on test",
                "2|--remove-disk|file=trash|jvirt: --remove-disk 'file=trash' names no disk",
                "2|--remove-disk|vda,file=burn|jvirt: --remove-disk: file cannot be 'burn'",
                "2|--add-filesystem|/srv,driver=virtiofs|jvirt: --add-filesystem '/srv,driver=virtiofs' is not",
                "2|--add-filesystem|/srv,t,readonly,driver=virtiofs|jvirt: --add-filesystem '/srv,t,readonly,driver=virtiofs'",
                "3|--remove-network|7|jvirt: domain 'web' has no network card '7'",
                "2|--network|1|jvirt: --network '1' says nothing to change",
                "3|--boot|vdq|jvirt: domain 'web' has no bootable device 'vdq'",
                "2|--boot|vda,hd|jvirt: the boot order has classes of devices and devices in it",
                "2|--graphics|x11|jvirt: --graphics cannot be 'x11'",
                "2|--graphics|vnc,port=x|jvirt: the port 'x' is none",
                "2|--add-filesystem|/srv|jvirt: --add-filesystem '/srv' is not DIRECTORY,TAG",
                "3|--remove-filesystem|t|jvirt: domain 'web' has no shared directory 't'",
                "2|--add-device|x|jvirt: 'x' is no host device",
                "3|--remove-device|usb:1111:2222|jvirt: domain 'web' has no host device 'usb:1111:2222'",
                "2|--resize-disk|vda=|jvirt: --resize-disk 'vda=' is not TARGET=VALUE",
                "2|--cpu|host-model,avx|jvirt: --cpu has the part 'avx', which is no feature",
            })
    void errors(int exit, String option, String value, String message) {
        String before = definition();
        JvirtRun run = set(option, value);
        assertThat(run.err()).startsWith(message).contains("\nhint: ");
        assertThat(run.exit()).isEqualTo(exit);
        assertThat(definition()).isEqualTo(before);
        assertThat(set().err()).startsWith("jvirt: nothing is to be changed\n");
    }
}
