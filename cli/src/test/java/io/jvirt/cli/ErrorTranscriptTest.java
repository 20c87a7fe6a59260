// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.vm.TestDriver;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user can get wrong in the daily verbs, as he sees it: {@code golden/errors.txt}. */
class ErrorTranscriptTest {
    /** Off: two disks, a drive, a card, a display, a topology, NUMA cells. */
    private static final String WEB = """
            <domain type='test'><name>web</name><uuid>2f6f6a7e-5a8f-4b55-8d53-9b1b8c7d0e11</uuid><memory>65536</memory>
            <vcpu>2</vcpu><os><type>hvm</type></os><cpu><topology sockets='1' cores='2' threads='1'/></cpu><devices>
            <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/d/web.qcow2'/>
            <target dev='vda' bus='virtio'/></disk>
            <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
            <interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/></interface>
            <graphics type='vnc' port='-1' autoport='yes'/></devices></domain>
            """;

    private static final String ONLINE = """
            <domain type='test'><name>online</name><memory>65536</memory><vcpu current='1'>2</vcpu>
            <vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='no' hotpluggable='yes'/></vcpus>
            <os><type>hvm</type></os></domain>
            """;

    /** Runs on a volume and on a file that is nowhere. */
    private static final String BUSY = """
            <domain type='test'><name>busy</name><memory>65536</memory><os><type>hvm</type></os><devices>
            <disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='default-pool' volume='used.raw'/>
            <target dev='vda' bus='virtio'/></disk>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/d/gone.raw'/>
            <target dev='vdb' bus='virtio'/></disk></devices></domain>
            """;

    private static final String STORED = """
            <domain type='test'><name>stored</name><memory>65536</memory><os><type>hvm</type></os><devices>
            <disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='default-pool' volume='disk.raw'/>
            <target dev='vda' bus='virtio'/></disk></devices></domain>
            """;

    /** Has saved memory, and a disk. */
    private static final String ASLEEP = """
            <domain type='test'><name>asleep</name><memory>65536</memory><os><type>hvm</type></os><devices>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/d/asleep.raw'/>
            <target dev='vda' bus='virtio'/></disk></devices></domain>
            """;

    /** Of devices, and of a kind that jvirt makes no disks in. */
    private static final List<String> POOLS = List.of(
            "<pool type='logical'><name>vg</name><source><name>vg</name></source><target><path>/dev/vg</path></target></pool>",
            "<pool type='disk'><name>parts</name><source><device path='/dev/nosuch'/></source><target><path>/dev</path>"
                    + "</target></pool>",
            "<pool type='rbd'><name>ceph</name><source><name>rbd</name><host name='mon'/></source></pool>");

    /** One with a reservation, one that gives out nothing. */
    private static final List<String> NETWORKS = List.of(
            "<network><name>kept</name><forward mode='nat'/><ip address='10.77.0.1' netmask='255.255.255.0'><dhcp>"
                    + "<range start='10.77.0.100' end='10.77.0.200'/><host mac='52:54:00:00:00:08' ip='10.77.0.7'/>"
                    + "</dhcp></ip></network>",
            "<network><name>still</name><forward mode='nat'/><ip address='10.78.0.1' netmask='255.255.255.0'/></network>");

    @TempDir
    Path directory;

    private final TestDriver libvirt = new TestDriver();

    @BeforeEach
    void give() throws IOException {
        Files.writeString(directory.resolve("node.xml"), "<node/>");
        Files.writeString(directory.resolve("other.xml"), WEB.replace("0e11</uuid>", "0e12</uuid>"));
        libvirt.host().defineDomain(WEB, false).close();
        libvirt.host().defineDomain(ONLINE, false).close();
        libvirt.host()
                .createTransient(
                        "<domain type='test'><name>passing</name><memory>65536</memory><os><type>hvm</type></os></domain>",
                        false,
                        false)
                .close();
        try (Pool pool = Pool.find(libvirt.host(), "default-pool")) {
            for (String name : List.of("disk.raw", "used.raw")) {
                pool.createVolume("<volume><name>" + name + "</name><capacity>1048576</capacity></volume>")
                        .close();
            }
        }
        libvirt.host().defineDomain(STORED, false).close();
        try (Domain busy = libvirt.host().defineDomain(BUSY, false)) {
            busy.start();
        }
        try (Domain asleep = libvirt.host().defineDomain(ASLEEP, false)) {
            asleep.start();
            asleep.managedSave();
        }
        for (String xml : POOLS) {
            try (Pool pool = Pool.define(libvirt.host(), xml)) {
                pool.start();
            }
        }
        try (Pool pool = Pool.find(libvirt.host(), "vg")) {
            pool.createVolume("<volume><name>new</name><capacity>1048576</capacity></volume>")
                    .close();
        }
        for (String network : NETWORKS) {
            Network.define(libvirt.host(), network).close();
        }
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void eachSaysWhatItIsAndWhatToDo() throws IOException {
        String before = libvirt.host().listDomains().toString();
        new Transcript(libvirt, directory).check("errors.txt");
        assertThat(libvirt.host().listDomains().toString()).isEqualTo(before);
    }
}
