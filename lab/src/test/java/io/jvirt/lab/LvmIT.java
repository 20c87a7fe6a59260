// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Disks in a volume group are made by libvirt's storage API. */
class LvmIT extends OnKvm1 {
    private final VolumeGroup volumes = new VolumeGroup(HOST);
    private final String group = volumes.name();

    @BeforeEach
    void makeGroup() {
        volumes.make();
    }

    @AfterEach
    void removeGroup() {
        volumes.remove();
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
                        volumes.isReal()
                                ? "lvcreate -qy -an -Zn -L 64M --name inactive " + group
                                : "truncate -s 64M " + ELSEWHERE + "lvm/inactive")
                .ok();
        jvirt.run("pool", "delete", group, "--storage", "--yes")
                .failsWith(4, "something that is no active volume takes space in it", "lvs -a " + group);
        assertThat(virsh.run("pool-list").ok().out()).contains(group);
        HOST.sh(volumes.isReal() ? "lvremove -qy " + group + "/inactive" : "rm " + ELSEWHERE + "lvm/inactive")
                .ok();
    }
}
