// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * kill -9 in the verbs of clones, templates, images and snapshots, and in rename of a machine with firmware. CloneIT kills clones of a machine that runs and on their way
 * to another host; KillIT external snapshots of one that is off.
 */
class KillCloneIT extends KilledVerbs {
    private static final String DELETE = "jvirt delete lab-c --yes --purge";
    private static final String WRITABLE = "; chmod u+w images/lab-k*.qcow2 images/lab-k*.raw";
    private static final String PORT = "8099";
    private static final String FIRMWARE_VARIABLES = "/var/lib/libvirt/qemu/nvram/lab-k_VARS.fd";

    @BeforeEach
    void countPermissionsToo() {
        lookCloser();
    }

    /** With two disks and firmware that has variables. */
    private void createSource() {
        jvirt.run(
                        "create",
                        "lab-k",
                        "--disk",
                        "8M",
                        "--disk",
                        "4M,format=raw",
                        "--memory",
                        "64M",
                        "--firmware",
                        "uefi",
                        "--no-start")
                .ok();
        // The first start makes the firmware's variables.
        jvirt.run("start", "lab-k").ok();
        pullThePlug("lab-k");
        HOST.sh("chmod 644 " + POOL + "lab-k*").ok();
    }

    @Test
    void clones() {
        createSource();
        if (LONG_FORM) {
            killed("clone lab-k lab-c --mode full", DELETE);
        }
        killed("clone lab-k lab-c --mode linked", DELETE + WRITABLE);
        killed("clone lab-k lab-c --mode full --count 2", "jvirt delete lab-c-01 lab-c-02 --yes --purge");
        delete("lab-k");
        String mount = ELSEWHERE + "mnt";
        HOST.sh("truncate -s 400M " + ELSEWHERE + "fs; mkfs.xfs -q " + ELSEWHERE + "fs; mkdir " + mount
                        + "; mount -o loop " + ELSEWHERE + "fs " + mount + "; chmod 755 " + mount)
                .ok();
        try {
            jvirt.run("create", "lab-k", "--disk", "8M", "--memory", "64M", "--dir", mount)
                    .ok();
            killed("clone lab-k lab-c --mode reflink", DELETE);
            delete("lab-k");
        } finally {
            HOST.sh("umount " + mount + "; rmdir " + mount + "; rm " + ELSEWHERE + "fs")
                    .ok();
        }
        assertNothingWrong();
    }

    @Test
    void templates() {
        createSource();
        String other = FIRMWARE_VARIABLES.replace("lab-k", "lab-k-new");
        HOST.sh("touch " + other).ok();
        jvirt.run("rename", "lab-k", "lab-k-new")
                .failsWith(4, "UEFI variables for a domain 'lab-k-new'", "rm " + other);
        HOST.sh("rm " + other).ok();
        killed("rename lab-k lab-k-new", "jvirt rename lab-k-new lab-k");
        HOST.sh("test -s " + FIRMWARE_VARIABLES).ok();
        killed("template mark lab-k", "jvirt template unmark lab-k");
        jvirt.run("template", "mark", "lab-k").ok();
        killed("template unmark lab-k", "jvirt template mark lab-k");
        jvirt.run("template", "unmark", "lab-k").ok();
        String file = ELSEWHERE + "lab-t.yaml";
        String make = "template create lab-t --from lab-k --file " + file;
        killed(make, "jvirt template unmark lab-k; rm elsewhere/lab-t.yaml elsewhere/lab-t_VARS.fd" + WRITABLE);
        jvirt.run(make.split(" ")).ok();
        killed("create lab-c --template " + file + " --no-start", DELETE);
        jvirt.run("template", "unmark", "lab-k").ok();
        delete("lab-k");
        HOST.sh("rm " + ELSEWHERE + "lab-t*").ok();
        assertNothingWrong();
    }

    /** What has come of an image stays in the cache: the next run goes on from there. */
    @Test
    void imagesFromTheWeb() {
        String image = ELSEWHERE + "lab-web.qcow2";
        HOST.sh("cp " + TINY_DISK + " " + image + "; cd " + ELSEWHERE + "; sha256sum lab-web.qcow2 >SHA256SUMS")
                .ok();
        String url = "http://127.0.0.1:" + PORT + "/lab-web.qcow2";
        try (Running server = HOST.start(
                List.of("python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", ELSEWHERE, PORT))) {
            assertThat(server.isAliveAfter(1_000)).isTrue();
            killed(
                    "create lab-c --image " + url + " --disk 64M --no-start",
                    DELETE + "; jvirt image rm " + url + " >/dev/null");
            jvirt.run("create", "lab-c", "--image", url, "--disk", "64M", "--no-start")
                    .ok();
            qemuImg.assertSound(disk("lab-c"), "qcow2", 64L << 20);
            HOST.sh("qemu-img resize -q --shrink " + disk("lab-c") + " $(qemu-img info --output json " + image
                            + " | sed -n 's/.*virtual-size\": \\([0-9]*\\).*/\\1/p')")
                    .ok();
            qemuImg.assertEqual(image, disk("lab-c"));
            delete("lab-c");
            HOST.sh(LabHost.CHECKOUT + "/jvirt image rm " + url).ok();
        }
        HOST.sh("rm " + image + " " + ELSEWHERE + "SHA256SUMS").ok();
        assertNothingWrong();
    }

    @Test
    void snapshots() {
        jvirt.run("create", "lab-k", "--image", TINY_DISK, "--memory", "128M", "--no-start")
                .ok();
        leaveOutSizes();
        if (LONG_FORM) {
            killedInternal();
        }
        jvirt.run("start", "lab-k").ok();
        assertTinyGuestTalks("lab-k");
        killedInternal();
        String create = "snapshot create lab-k one";
        killed(create + " --disk-only", "jvirt snapshot delete lab-k one --yes");
        killed(create + " --external", "jvirt snapshot delete lab-k one --yes");
        assertTinyGuestTalks("lab-k");
        jvirt.run("stop", "lab-k", "--force").ok();
        HOST.exec("qemu-img", "check", disk("lab-k")).ok();
        delete("lab-k");
        assertNothingWrong();
    }

    /** Taken, gone back to and deleted: internal ones, of a machine that is off or with the memory of one that runs. */
    private void killedInternal() {
        killed("snapshot create lab-k one", "jvirt snapshot delete lab-k one --yes");
        jvirt.run("snapshot", "create", "lab-k", "one").ok();
        jvirt.run("snapshot", "create", "lab-k", "two").ok();
        killed("snapshot revert lab-k one --yes", "jvirt snapshot revert lab-k two --yes");
        jvirt.run("snapshot", "delete", "lab-k", "two", "--yes").ok();
        killed("snapshot delete lab-k one --yes", "jvirt snapshot create lab-k one");
        jvirt.run("snapshot", "delete", "lab-k", "one", "--yes").ok();
    }
}
