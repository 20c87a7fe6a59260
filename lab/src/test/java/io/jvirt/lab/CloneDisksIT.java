// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Clones of machines whose disks are no plain files: a raw block device, a volume of a pool, a volume group. */
class CloneDisksIT extends OnKvm1 {
    private static final String BEHIND_DEVICE = ELSEWHERE + "lab-device";

    /** A file, a block device and a volume, each with data of its own. */
    private String createSource() {
        jvirt.run("create", "lab-src", "--disk", "8M", "--memory", "64M").ok();
        write("qcow2", "0x11", POOL + "lab-src.qcow2");
        String device = HOST.sh("truncate -s 16M " + BEHIND_DEVICE + "; losetup --find --show " + BEHIND_DEVICE)
                .ok()
                .out()
                .strip();
        write("raw", "0x22", device);
        virsh.run("vol-create-as", "default", "lab-vol.qcow2", "8M", "--format", "qcow2")
                .ok();
        write("qcow2", "0x33", POOL + "lab-vol.qcow2");
        attach("block", "raw", "<source dev='" + device + "'/><target dev='vdb' bus='virtio'/>");
        attach("volume", "qcow2", "<source pool='default' volume='lab-vol.qcow2'/><target dev='vdc' bus='virtio'/>");
        return device;
    }

    private static void write(String format, String pattern, String image) {
        HOST.exec("qemu-io", "-f", format, "-c", "write -P " + pattern + " 1M 3M", image)
                .ok();
    }

    private static void attach(String type, String format, String source) {
        String xml = "<disk type='" + type + "' device='disk'><driver name='qemu' type='" + format + "'/>" + source
                + "</disk>";
        HOST.sh("echo \"" + xml + "\" >" + ELSEWHERE + "disk.xml; virsh -q attach-device lab-src --config " + ELSEWHERE
                        + "disk.xml; rm " + ELSEWHERE + "disk.xml")
                .ok();
    }

    private void removeSource(String device) {
        HOST.sh("virsh -q undefine lab-src; rm -f " + POOL + "lab-src.qcow2 " + POOL
                        + "lab-vol.qcow2; losetup --detach " + device + "; rm " + BEHIND_DEVICE
                        + "; virsh -q pool-refresh default")
                .ok();
    }

    @Test
    void eachSortOfDiskIsCloned() {
        String device = createSource();
        jvirt.run("clone", "lab-src", "lab-copy", "--mode", "full").ok();
        assertThat(virsh.disks("lab-copy"))
                .containsExactly(POOL + "lab-copy.qcow2", POOL + "lab-copy-2.raw", POOL + "lab-copy-3.qcow2");
        qemuImg.assertEqual(POOL + "lab-src.qcow2", POOL + "lab-copy.qcow2");
        HOST.exec("cmp", device, POOL + "lab-copy-2.raw").ok();
        qemuImg.assertEqual(POOL + "lab-vol.qcow2", POOL + "lab-copy-3.qcow2");
        assertThat(virsh.xpath("lab-copy", "//disk/@type")).doesNotContain("block", "volume");
        jvirt.run("start", "lab-copy").ok();

        jvirt.run("clone", "lab-src", "lab-no", "--mode", "linked")
                .failsWith(1, device + " is a device, which nothing protects", "--mode full");
        jvirt.run("clone", "lab-src", "lab-no", "--mode", "reflink")
                .failsWith(1, device + " is a device, whose blocks cannot be shared", "--mode full");
        delete("lab-copy");
        removeSource(device);
    }

    /** The device cannot be read to its end: what was made before is taken away again. */
    @Test
    void aFailureOnTheSecondOfThreeDisksLeavesNothing() {
        String device = createSource();
        List<String> before = HOST.sh("ls -A " + POOL).ok().lines();
        HOST.sh("truncate -s 2M " + BEHIND_DEVICE + "; blockdev --flushbufs " + device)
                .ok();
        Outcome failed = jvirt.run("clone", "lab-src", "lab-copy", "--mode", "full", "-v");
        assertThat(failed.err()).contains(POOL + "lab-copy.qcow2");
        failed.failsWith(1, "cannot create disk " + POOL + "lab-copy-2.raw", "");
        assertThat(virsh.domains()).containsExactly("lab-src");
        assertThat(HOST.sh("ls -A " + POOL).ok().lines()).isEqualTo(before);
        assertThat(jvirt.run("recover", "-o", "name").ok().lines()).isEmpty();
        removeSource(device);
    }

    @Test
    void aDiskInAVolumeGroupIsClonedThereOrIntoAFile() {
        VolumeGroup volumes = new VolumeGroup(HOST);
        volumes.make();
        try {
            String group = volumes.name();
            jvirt.run("create", "lab-src", "--disk", "16M", "--pool", group, "--memory", "64M")
                    .ok();
            write("raw", "0x44", "/dev/" + group + "/lab-src");
            jvirt.run("clone", "lab-src", "lab-copy", "--mode", "full").ok();
            assertThat(virsh.disks("lab-copy")).containsExactly("/dev/" + group + "/lab-copy");
            assertThat(virsh.xpath("lab-copy", "//disk/@type")).contains("block");
            HOST.exec("cmp", "/dev/" + group + "/lab-src", "/dev/" + group + "/lab-copy")
                    .ok();
            jvirt.run("clone", "lab-src", "lab-file", "--pool", "default").ok();
            HOST.exec("cmp", "/dev/" + group + "/lab-src", POOL + "lab-file.raw")
                    .ok();
            jvirt.run("clone", "lab-src", "lab-no", "--mode", "linked")
                    .failsWith(1, "holds raw devices, and a linked clone needs qcow2", "--mode full");
            delete("lab-file", "lab-copy", "lab-src");
            assertThat(virsh.run("vol-list", group).ok().lines()).isEmpty();
        } finally {
            volumes.remove();
        }
    }
}
