// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pools and volumes on a real libvirt. */
class PoolIT extends OnKvm1 {
    private static final String DIRECTORY = ELSEWHERE + "pool";

    @Test
    void bytesGoInAndOutAndHolesStayHoles() {
        String file = ELSEWHERE + "sparse.raw";
        HOST.sh("truncate -s 300M " + file + "; printf begin | dd of=" + file + " conv=notrunc; printf middle | dd of="
                        + file + " bs=1M seek=100 conv=notrunc")
                .ok();
        jvirt.run("pool", "create", "lab-data", "--dir", DIRECTORY).ok();
        assertThat(virsh.run("pool-info", "lab-data").ok().out())
                .contains("running")
                .containsPattern("Autostart: +yes");
        jvirt.run("volume", "upload", "lab-data", "sparse.raw", file).ok();
        jvirt.run("volume", "download", "lab-data", "sparse.raw", file + ".back")
                .ok();
        HOST.exec("cmp", file, file + ".back").ok();
        HOST.exec("cmp", file, DIRECTORY + "/sparse.raw").ok();
        for (String copy : new String[] {DIRECTORY + "/sparse.raw", file + ".back"}) {
            assertThat(Long.parseLong(
                            HOST.exec("stat", "-c", "%b", copy).ok().out().strip()))
                    .as("blocks of %s", copy)
                    .isLessThan(2048);
        }
        jvirt.run("volume", "upload", "lab-data", "tiny.qcow2", TINY_DISK).ok();
        JsonNode tiny = jvirt.json("volume", "info", "lab-data", "tiny.qcow2").at("/volume/volume");
        assertThat(tiny.path("format").asText()).isEqualTo("qcow2");
        assertThat(tiny.path("capacityBytes").asLong())
                .isEqualTo(qemuImg.info(TINY_DISK).path("virtual-size").asLong());
        jvirt.run("volume", "delete", "lab-data", "sparse.raw", "tiny.qcow2", "--yes")
                .ok();
        jvirt.run("pool", "delete", "lab-data", "--storage", "--yes").ok();
        assertThat(exists(DIRECTORY)).isFalse();
        HOST.sh("rm " + file + " " + file + ".back").ok();
    }

    @Test
    void anUploadThatIsKilledIsUndone() {
        String file = ELSEWHERE + "large.raw";
        HOST.sh("head -c 400M /dev/urandom >" + file).ok();
        Running upload = jvirt.start("volume", "upload", "default", "large.raw", file);
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!exists(POOL + "large.raw") && System.nanoTime() < deadline) {
            Running.pause();
        }
        upload.signal("KILL");
        upload.await(Duration.ofSeconds(30));
        assertThat(jvirt.json("recover").toString()).contains("volume-upload");
        String id = jvirt.json("recover").at("/operations/0/id").asText();
        jvirt.run("recover", id, "--rollback", "--yes").ok();
        assertThat(exists(POOL + "large.raw")).isFalse();
        HOST.exec("rm", file).ok();
    }

    @Test
    void aVolumeInUseIsRefused() {
        jvirt.run("create", "lab-vol", "--image", TINY_DISK, "--memory", "128M").ok();
        jvirt.run("volume", "delete", "default", "lab-vol.qcow2", "--yes")
                .failsWith(4, "used by domain 'lab-vol'", "jvirt info lab-vol");
        jvirt.run("volume", "resize", "default", "lab-vol.qcow2", "+1G")
                .failsWith(4, "runs on volume", "jvirt stop lab-vol");
        jvirt.run("volume", "download", "default", "lab-vol.qcow2", ELSEWHERE + "copy")
                .failsWith(4, "would be torn", "--force");
        pullThePlug("lab-vol");
        long before = volumeSize("lab-vol.qcow2");
        jvirt.run("volume", "resize", "default", "lab-vol.qcow2", "+1G").ok();
        assertThat(volumeSize("lab-vol.qcow2")).isEqualTo(before + GIB);
        jvirt.run("volume", "create", "default", "over.qcow2", "4G", "--backing", POOL + "lab-vol.qcow2")
                .ok();
        jvirt.run("volume", "resize", "default", "lab-vol.qcow2", "+1G").failsWith(4, "is the base of", "on top");
        jvirt.run("volume", "delete", "default", "over.qcow2", "--yes").ok();
        delete("lab-vol");
    }

    private long volumeSize(String volume) {
        return jvirt.json("volume", "info", "default", volume)
                .at("/volume/volume/capacityBytes")
                .asLong();
    }

    @Test
    void aFileSystemPoolIsMadeOnceAndKeptAfterwards() {
        String image = ELSEWHERE + "fs.img";
        HOST.sh("truncate -s 64M " + image).ok();
        String device =
                HOST.exec("losetup", "--find", "--show", image).ok().out().strip();
        try {
            jvirt.run(fs(device)).failsWith(1, "pool 'lab-fs'", "--build makes one");
            assertThat(virsh.run("pool-list", "--all").ok().out()).doesNotContain("lab-fs");
            jvirt.run(fs(device, "--build")).ok();
            assertThat(HOST.exec("findmnt", "-no", "FSTYPE", DIRECTORY).ok().out())
                    .startsWith("ext4");
            jvirt.run("volume", "create", "lab-fs", "a.raw", "1M", "--format", "raw")
                    .ok();
            jvirt.run("pool", "delete", "lab-fs", "--yes").ok();
            jvirt.run(fs(device, "--build")).failsWith(1, "pool 'lab-fs'", "--overwrite");
            jvirt.run(fs(device)).ok();
            jvirt.run("volume", "list", "lab-fs", "-o", "name").ok();
            jvirt.run("volume", "delete", "lab-fs", "a.raw", "--yes").ok();
            jvirt.run("pool", "delete", "lab-fs", "--yes").ok();
        } finally {
            HOST.exec("losetup", "--detach", device).ok();
            HOST.sh("rmdir " + DIRECTORY + " || true; rm " + image).ok();
        }
    }

    @Test
    void thePartitionsOfADisk() {
        String image = ELSEWHERE + "disk.img";
        HOST.sh("truncate -s 256M " + image).ok();
        String device =
                HOST.exec("losetup", "-P", "--find", "--show", image).ok().out().strip();
        String first = device.substring("/dev/".length()) + "p1";
        String second = device.substring("/dev/".length()) + "p2";
        String[] create = {
            "pool",
            "create",
            "lab-disk",
            "--type",
            "disk",
            "--source-dev",
            device,
            "--source-format",
            "gpt",
            "--target",
            "/dev",
            "--build"
        };
        try {
            jvirt.run(create).ok();
            jvirt.run("volume", "create", "lab-disk", "data", "20M")
                    .failsWith(
                            2, "are partitions, and the next one is '" + first + "', not 'data'", "lab-disk " + first);
            assertThat(jvirt.run("volume", "list", "lab-disk", "-o", "name")
                            .ok()
                            .out())
                    .isEmpty();
            jvirt.run("volume", "create", "lab-disk", first, "20M").ok();
            jvirt.run("create", "--name", "lab-part", "--disk", "32M,pool=lab-disk", "--memory", "128M", "--no-start")
                    .ok();
            assertThat(virsh.disks("lab-part")).containsExactly("/dev/" + second);
            assertThat(virsh.run("vol-list", "lab-disk").ok().out()).contains(first, second);
            // libvirt 9.0 cannot remove partitions whose names have a p before the number.
            jvirt.run("delete", "lab-part", "--yes", "--keep-disks", "--purge").ok();
            jvirt.run("pool", "delete", "lab-disk", "--yes").ok();
        } finally {
            HOST.exec("losetup", "--detach", device).ok();
            HOST.exec("rm", image).ok();
        }
    }

    private static String[] fs(String device, String... more) {
        String[] words = new String[11 + more.length];
        System.arraycopy(
                new String[] {
                    "pool",
                    "create",
                    "lab-fs",
                    "--type",
                    "fs",
                    "--source-format",
                    "ext4",
                    "--source-dev",
                    device,
                    "--target",
                    DIRECTORY
                },
                0,
                words,
                0,
                11);
        System.arraycopy(more, 0, words, 11, more.length);
        return words;
    }

    /** A pool whose storage hangs, here LVM's commands, makes libvirt wait for it at each look. */
    @Test
    void aPoolThatHangsHoldsUpNobody() {
        String stuck = ELSEWHERE + "stuck";
        jvirt.run("volume", "create", "default", "lab-vol.raw", "1M", "--format", "raw")
                .ok();
        HOST.sh("printf '#!/bin/sh\\nwhile [ -e " + stuck + ".on ]; do sleep 0.2; done\\nexit 1\\n' >" + stuck
                        + "; touch " + stuck + ".on; chmod +x " + stuck
                        + "; mount --bind " + stuck + " /sbin/lvm;"
                        + " virsh -q pool-define-as lab-stuck logical --source-name lab-stuck --target /dev/lab-stuck")
                .ok();
        Running start = HOST.start(List.of("virsh", "pool-start", "lab-stuck"));
        try {
            Running.pause();
            Outcome list = jvirt.run("pool", "list").ok();
            assertThat(list.out())
                    .as("libvirt tells of 'default': %s", libvirtTells("default"))
                    .containsPattern("default +active")
                    .containsPattern("lab-stuck +inaccessible");
            assertThat(list.err()).contains("pool 'lab-stuck': no answer within");
            assertThat(libvirtTells("lab-stuck")).isFalse();
            jvirt.run("pool", "info", "default").ok();
            jvirt.run("pool", "info", "lab-stuck").failsWith(1, "does not answer within 5 s", "umount");
            jvirt.run("volume", "delete", "default", "lab-vol.raw", "--yes")
                    .failsWith(
                            4,
                            "nobody can tell whether volume 'lab-vol.raw' is used: pool 'lab-stuck'",
                            "jvirt pool list");
            othersGoOnWhileAPoolHangs();
            assertThat(start.isAlive()).as("the pool still hangs").isTrue();
        } finally {
            HOST.exec("rm", "-f", stuck + ".on").ok();
            start.await(Duration.ofSeconds(60));
            HOST.sh("umount /sbin/lvm; rm " + stuck).ok();
            HOST.sh("virsh -q pool-undefine lab-stuck").ok();
            for (String made : List.of("lab-new", "lab-copy")) {
                if (virsh.domains().contains(made)) {
                    jvirt.run("delete", made, "--yes", "--purge").ok();
                }
            }
            jvirt.run("volume", "delete", "default", "lab-vol.raw", "--yes").ok();
        }
    }

    /** Each answers: with what it made, or with an error that names the reason; none waits for the pool. */
    private void othersGoOnWhileAPoolHangs() {
        jvirt.run("create", "lab-new", "--disk", "8M", "--memory", "64M", "--no-start")
                .ok();
        jvirt.run("create", "lab-none", "--disk", "8M,pool=lab-stuck", "--memory", "64M", "--no-start")
                .failsWith(1, "pool 'lab-stuck' does not answer within 5 s", "umount");
        jvirt.run("set", "lab-new", "--add-disk", "8M").ok();
        isDoneOrNamesTheHangingPool("clone", "lab-new", "lab-copy");
        isDoneOrNamesTheHangingPool("migrate", "lab-new", "--to", "qemu+ssh://root@kvm2/system", "--plan");
        jvirt.run("autostart", "on", "lab-new", "--needs", "pool:lab-stuck")
                .failsWith(1, "pool 'lab-stuck' does not answer within 5 s", "umount");
        jvirt.run("pool", "create", "lab-none", "--dir", DIRECTORY)
                .failsWith(1, "hangs: libvirt makes no other one until it answers", "jvirt pool list");
        jvirt.run("pool", "stop", "lab-stuck").failsWith(1, "pool 'lab-stuck' does not answer", "umount");
        assertThat(virsh.domains()).contains("lab-new").doesNotContain("lab-none");
        isDoneOrNamesTheHangingPool("delete", "lab-new", "--yes", "--purge");
        assertThat(exists(DIRECTORY)).isFalse();
    }

    /** Where libvirt asks one pool after the other, it depends on their order whether it gets to the one that hangs. */
    private void isDoneOrNamesTheHangingPool(String... verb) {
        Outcome outcome = jvirt.run(verb);
        if (outcome.exit() != 0) {
            assertThat(outcome.err()).as("%s", outcome).containsAnyOf("a storage pool hangs", "pool 'lab-stuck'");
        }
    }

    /** Whether libvirt's own client has an answer about a pool in the time that jvirt gives it. */
    private static boolean libvirtTells(String pool) {
        return HOST.exec("timeout", "5", "virsh", "pool-info", pool).exit() == 0;
    }
}
