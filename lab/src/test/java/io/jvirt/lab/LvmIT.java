// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Disks in a volume group are made by libvirt's storage API. With a device mapper the group is a real one on a loop device;
 * without one, lab/lvm-stand-in answers libvirt's calls of LVM's commands.
 */
class LvmIT extends OnKvm1 {
    private final String group = "labvg-" + System.getenv().getOrDefault("JVIRT_LAB", "main");

    @BeforeEach
    void makeGroup() {
        if (hasDeviceMapper()) {
            HOST.sh("truncate -s 1G " + ELSEWHERE + "pv; vgcreate -q " + group + " $(losetup --find --show " + ELSEWHERE
                            + "pv)")
                    .ok();
        } else {
            HOST.sh("mkdir -p /dev/" + group + " " + ELSEWHERE + "lvm; mount --bind " + LabHost.CHECKOUT
                            + "/lab/lvm-stand-in /sbin/lvm")
                    .ok();
        }
        HOST.sh("virsh -q pool-define-as " + group + " logical --source-name " + group + " --target /dev/" + group
                        + "; virsh -q pool-start " + group)
                .ok();
    }

    @AfterEach
    void removeGroup() {
        HOST.sh("virsh -q pool-destroy " + group + "; virsh -q pool-undefine " + group)
                .ok();
        if (hasDeviceMapper()) {
            HOST.sh("vgremove -qf " + group + "; losetup --detach $(losetup -nO NAME -j " + ELSEWHERE + "pv); rm "
                            + ELSEWHERE + "pv")
                    .ok();
        } else {
            HOST.sh("umount /sbin/lvm; rmdir /dev/" + group + " " + ELSEWHERE + "lvm")
                    .ok();
        }
    }

    @Test
    void aVolumeIsMadeUsedAndRemoved() {
        jvirt.run(
                        "create",
                        "--name",
                        "lab-lv",
                        "--disk",
                        "64M",
                        "--pool",
                        group,
                        "--location",
                        TINY_TREE,
                        "--memory",
                        "256M")
                .ok();
        assertThat(virsh.run("vol-list", group).ok().out()).contains("lab-lv");
        assertThat(virsh.xpath("lab-lv", "/domain/devices/disk/@type")).contains("block");
        assertThat(virsh.xpath("lab-lv", "/domain/devices/disk/driver/@type")).contains("raw");
        assertTinyGuestTalks("lab-lv");
        delete("lab-lv");
        assertThat(virsh.run("vol-list", group).ok().out()).doesNotContain("lab-lv");
    }

    @Test
    void itHoldsRawVolumesOnlyAndNoMoreThanThereIs() {
        jvirt.run("create", "--name", "lab-lv", "--disk", "64M", "--pool", group, "--format", "qcow2")
                .failsWith(2, group, "");
        jvirt.run("create", "--name", "lab-lv", "--disk", "2G", "--pool", group).failsWith(1, group, "");
        assertThat(virsh.domains()).doesNotContain("lab-lv");
        assertThat(virsh.run("vol-list", group).ok().out()).doesNotContain("lab-lv");
    }

    @Test
    void anInactiveVolumeKeepsTheGroup() {
        HOST.sh(
                        hasDeviceMapper()
                                ? "lvcreate -qy -an -Zn -L 64M --name inactive " + group
                                : "truncate -s 64M " + ELSEWHERE + "lvm/inactive")
                .ok();
        jvirt.run("pool", "delete", group, "--storage", "--yes")
                .failsWith(4, "something that is no active volume takes space in it", "lvs -a " + group);
        assertThat(virsh.run("pool-list").ok().out()).contains(group);
        HOST.sh(hasDeviceMapper() ? "lvremove -qy " + group + "/inactive" : "rm " + ELSEWHERE + "lvm/inactive")
                .ok();
    }

    private static boolean hasDeviceMapper() {
        return HOST.exec("grep", "-q", "device-mapper", "/proc/devices", "/proc/misc")
                        .exit()
                == 0;
    }
}
