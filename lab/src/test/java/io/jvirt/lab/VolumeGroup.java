// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

/**
 * A pool of a volume group. With a device mapper the group is a real one on a loop device; without one, lab/lvm-stand-in answers
 * libvirt's calls of LVM's commands.
 */
record VolumeGroup(LabHost host, String name) {
    private static final String ELSEWHERE = OnKvm1.ELSEWHERE;

    VolumeGroup(LabHost host) {
        this(host, "labvg-" + (LabHost.LAB == null ? "main" : LabHost.LAB));
    }

    void make() {
        if (isReal()) {
            host.sh("truncate -s 1G " + ELSEWHERE + "pv; vgcreate -q " + name + " $(losetup --find --show " + ELSEWHERE
                            + "pv)")
                    .ok();
        } else {
            host.sh("mkdir -p /dev/" + name + " " + ELSEWHERE + "lvm; mount --bind " + LabHost.CHECKOUT
                            + "/lab/lvm-stand-in /sbin/lvm")
                    .ok();
        }
        host.sh("virsh -q pool-define-as " + name + " logical --source-name " + name + " --target /dev/" + name
                        + "; virsh -q pool-start " + name)
                .ok();
    }

    void remove() {
        host.sh("virsh -q pool-destroy " + name + "; virsh -q pool-undefine " + name)
                .ok();
        if (isReal()) {
            host.sh("vgremove -qf " + name + "; losetup --detach $(losetup -nO NAME -j " + ELSEWHERE + "pv); rm "
                            + ELSEWHERE + "pv")
                    .ok();
        } else {
            host.sh("umount /sbin/lvm; rmdir /dev/" + name + " " + ELSEWHERE + "lvm")
                    .ok();
        }
    }

    /** Its volumes are LVM's. */
    boolean isReal() {
        return host.exec("grep", "-q", "device-mapper", "/proc/devices", "/proc/misc")
                        .exit()
                == 0;
    }
}
