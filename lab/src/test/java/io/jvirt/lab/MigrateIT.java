// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Machines that move from the first host to the second one, and back. */
class MigrateIT extends OnBothHosts {
    private static final String POOL = OnKvm1.POOL;
    private static final String ELSEWHERE = OnKvm1.ELSEWHERE;
    private static final String SHARED = "/var/lib/libvirt/shared/";
    private static final String NVRAM = "/var/lib/libvirt/qemu/nvram/";

    /** Runs before the sandbox looks: what the source keeps until it is trusted, and what the tests made by hand. */
    @AfterEach
    void remove() {
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh(
                            "for d in $(virsh -q list --all --name | grep '^lab-' || true); do virsh -q destroy $d 2>/dev/null || true;"
                                    + " virsh -q undefine --nvram --snapshots-metadata $d; done;"
                                    + " rm -rf /var/lib/libvirt/images/lab-* /var/lib/libvirt/shared/lab-* " + ELSEWHERE
                                    + "lab-* " + NVRAM + "lab-* /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash "
                                    + ELSEWHERE
                                    + ".jvirt-trash " + NVRAM + ".jvirt-trash; virsh -q pool-refresh default")
                    .ok();
        }
        LabHost.lab("join", "kvm2");
        LabHost.lab("slow", "kvm2", "off");
    }

    @Test
    void aGuestFindsItsDataOnTheOtherHost() {
        jvirt.run(
                        "create",
                        "lab-web",
                        "--image",
                        OnKvm1.TINY_DISK,
                        "--disk",
                        "1G",
                        "--disk",
                        "64M,format=raw",
                        "--start")
                .ok();
        talk(
                jvirt,
                "lab-web",
                "echo a day of work | dd of=/dev/vdb seek=99 2>/dev/null; sync; echo written $((6*7))",
                "written 42");
        jvirt.run("stop", "lab-web").ok();
        jvirt.run("autostart", "on", "lab-web").ok();
        here.run("desc", "lab-web", "--config", "a <machine> & its words").ok();
        String xml = here.xml("lab-web");

        Outcome moved = jvirt.run("migrate", "lab-web", "--to", "kvm2", "--start", "--yes")
                .ok();
        assertThat(moved.out())
                .contains("Domain 'lab-web' has moved to qemu+ssh://root@kvm2/system")
                .containsPattern("lab-web.*qcow2 is verified, digest [0-9a-f]{64}");
        assertThat(here.domains()).doesNotContain("lab-web");
        assertThat(there.state("lab-web")).isEqualTo("running");
        assertThat(there.xml("lab-web")).isEqualTo(xml);
        assertThat(THERE.exec("test", "-L", "/etc/libvirt/qemu/autostart/lab-web.xml")
                        .exit())
                .isZero();
        talk(jvirtThere, "lab-web", "dd if=/dev/vdb skip=99 count=1 2>/dev/null | head -n 1", "a day of work");
        jvirtThere.run("stop", "lab-web").ok();

        assertThat(HERE.sh("ls -A " + POOL).ok().out()).isEmpty();
        jvirtThere.run("migrate", "lab-web", "--to", "kvm1", "--yes").ok();
        assertThat(here.xml("lab-web")).isEqualTo(xml);
        assertThat(there.domains()).doesNotContain("lab-web");
    }

    private static void talk(Jvirt jvirt, String domain, String command, String answer) {
        try (Running console = jvirt.console(domain)) {
            long deadline = System.nanoTime() + OnKvm1.BOOT.toNanos();
            while (!console.out().contains("tiny#") && console.isAlive() && System.nanoTime() < deadline) {
                console.send("\n");
                for (int i = 0; i < 10 && !console.out().contains("tiny#"); i++) {
                    Running.pause();
                }
            }
            console.send(command + "\n");
            console.expect(answer, OnKvm1.BOOT);
        }
    }

    @Test
    void aChainOutsideOfAnyPoolWithItsFirmwareMoves() {
        String deep = ELSEWHERE + "lab-deep/";
        HERE.sh("mkdir " + deep + "; cd " + deep + "; cp " + OnKvm1.TINY_DISK + " base.qcow2;"
                        + " qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 mid.qcow2;"
                        + " qemu-img create -q -f qcow2 -b " + deep + "mid.qcow2 -F qcow2 top.qcow2;"
                        + " qemu-io -c 'write -P 7 20M 1M' mid.qcow2; qemu-io -c 'write -P 9 20M 64k' top.qcow2")
                .ok();
        jvirt.run("create", "lab-chain", "--import", deep + "top.qcow2", "--firmware", "uefi", "--no-start")
                .ok();
        here.run("start", "lab-chain", "--paused").ok();
        here.run("destroy", "lab-chain").ok();
        String before = digest(HERE, deep + "top.qcow2");

        JsonNode plan = jvirt.json("migrate", "lab-chain", "--to", "kvm2", "--plan");
        assertThat(plan.findValuesAsText("action")).containsExactly("copy", "copy", "copy", "copy");
        assertThat(plan.findValuesAsText("role")).containsExactly("backing", "backing", "disk", "nvram");
        jvirt.run("migrate", "lab-chain", "--to", "kvm2", "--transport", "libvirt", "--yes")
                .ok();
        assertThat(digest(THERE, deep + "top.qcow2")).isEqualTo(before);
        assertThat(THERE.exec("test", "-s", NVRAM + "lab-chain_VARS.fd").exit()).isZero();
        assertThat(there.run("pool-list", "--all", "--name").ok().lines()).containsExactly("default");
        there.run("start", "lab-chain", "--paused").ok();
        there.run("destroy", "lab-chain").ok();
    }

    @Test
    void aChainIsMadeOneImageAndFilesGoToOtherPlaces() {
        HERE.sh("cd " + POOL + "; cp " + OnKvm1.TINY_DISK + " lab-base.qcow2;"
                        + " qemu-img create -q -f qcow2 -b lab-base.qcow2 -F qcow2 lab-top.qcow2;"
                        + " qemu-io -c 'write -P 9 20M 64k' lab-top.qcow2; virsh -q pool-refresh default")
                .ok();
        String before = digest(HERE, POOL + "lab-top.qcow2");
        jvirt.run("create", "lab-flat", "--import", POOL + "lab-top.qcow2", "--no-start")
                .ok();
        jvirt.run("migrate", "lab-flat", "--to", "kvm2", "--chain", "flatten", "--keep-source", "--yes")
                .ok();
        assertThat(there.disks("lab-flat")).containsExactly(POOL + "lab-top.raw");
        assertThat(here.domains()).doesNotContain("lab-flat");
        assertThat(there.xml("lab-flat")).contains("type='raw'");
        assertThat(digest(THERE, POOL + "lab-top.raw")).isEqualTo(before);

        // Kept, but in another directory: the images' own names for each other follow.
        jvirt.run("create", "lab-kept", "--import", POOL + "lab-top.qcow2", "--no-start")
                .ok();
        THERE.sh("mkdir " + ELSEWHERE + "lab-other").ok();
        jvirt.run(
                        "migrate",
                        "lab-kept",
                        "--to",
                        "kvm2",
                        "--rename",
                        "lab-new",
                        "--pool-map",
                        "default=" + ELSEWHERE + "lab-other",
                        "--yes")
                .ok();
        assertThat(there.domains()).contains("lab-new").doesNotContain("lab-kept");
        String moved = ELSEWHERE + "lab-other/lab-top.qcow2";
        assertThat(there.disks("lab-new")).containsExactly(moved);
        assertThat(digest(THERE, moved)).isEqualTo(before);
        there.run("start", "lab-new", "--paused").ok();
        there.run("destroy", "lab-new").ok();
    }

    @Test
    void aDiskThatKeepsItsDataInAnotherFileMovesWithIt() {
        HERE.sh(
                        "cd " + POOL + "; qemu-img create -q -f qcow2 -o data_file=" + POOL
                                + "lab-split.data,data_file_raw=on lab-split.qcow2 64M;"
                                + " qemu-io -c 'write -P 9 20M 64k' lab-split.qcow2; chmod 666 lab-split.data; virsh -q pool-refresh default")
                .ok();
        String before = digest(HERE, POOL + "lab-split.qcow2");
        jvirt.run("create", "lab-split", "--import", POOL + "lab-split.qcow2", "--no-start")
                .ok();
        String other = ELSEWHERE + "lab-split/";
        THERE.sh("mkdir " + other).ok();
        Outcome moved = jvirt.run("migrate", "lab-split", "--to", "kvm2", "--pool-map", "default=" + other, "--yes")
                .ok();
        assertThat(moved.out()).contains(other + "lab-split.qcow2 is verified, digest " + before);
        assertThat(HERE.sh("ls -A " + POOL).ok().out()).isEmpty();
        assertThat(digest(THERE, other + "lab-split.qcow2")).isEqualTo(before);
        assertThat(THERE.exec("qemu-img", "info", other + "lab-split.qcow2")
                        .ok()
                        .out())
                .contains("data file: " + other + "lab-split.data");
        there.run("start", "lab-split", "--paused").ok();
        there.run("destroy", "lab-split").ok();
        jvirtThere
                .run("migrate", "lab-split", "--to", "kvm1", "--format", "raw", "--yes")
                .ok();
        assertThat(digest(HERE, other + "lab-split.raw")).isEqualTo(before);
        THERE.sh("rm -r " + other).ok();
        HERE.sh("virsh -q undefine lab-split; rm -r " + other).ok();
    }

    @Test
    void snapshotsMoveAndCanBeRevertedTo() {
        jvirt.run("create", "lab-snap", "--disk", "64M", "--no-start").ok();
        String disk = here.disks("lab-snap").get(0);
        HERE.exec("qemu-io", "-c", "write -P 1 0 1M", disk).ok();
        here.run("snapshot-create-as", "lab-snap", "before", "--description", "clean")
                .ok();
        HERE.exec("qemu-io", "-c", "write -P 2 0 1M", disk).ok();
        here.run("snapshot-create-as", "lab-snap", "after").ok();
        String list = here.run("snapshot-list", "lab-snap", "--tree").ok().out();

        jvirt.run("migrate", "lab-snap", "--to", "kvm2", "--chain", "flatten", "--plan")
                .ok();
        jvirt.run("migrate", "lab-snap", "--to", "kvm2", "--yes").ok();
        assertThat(there.run("snapshot-list", "lab-snap", "--tree").ok().out()).isEqualTo(list);
        assertThat(there.run("snapshot-current", "lab-snap", "--name")
                        .ok()
                        .out()
                        .strip())
                .isEqualTo("after");
        there.run("snapshot-revert", "lab-snap", "before").ok();
        THERE.exec("qemu-io", "-c", "read -P 1 0 1M", disk).ok();
    }

    @Test
    void externalSnapshotsMoveWithTheirMemoryAndNothingStays() {
        jvirt.run("create", "lab-ext", "--disk", "64M", "--memory", "64M", "--no-start")
                .ok();
        HERE.exec("qemu-io", "-c", "write -P 1 0 1M", POOL + "lab-ext.qcow2").ok();
        here.run("start", "lab-ext", "--paused").ok();
        jvirt.run("snapshot", "create", "lab-ext", "s1", "--external").ok();
        here.run("destroy", "lab-ext").ok();
        String top = POOL + "lab-ext.s1.qcow2";
        HERE.exec("qemu-io", "-c", "write -P 2 1M 1M", top).ok();
        String before = digest(HERE, top);
        String sum = "sha256sum " + POOL + "lab-ext.s1.memory";
        String memory = HERE.sh(sum).ok().out();

        JsonNode plan = jvirt.json("migrate", "lab-ext", "--to", "kvm2", "--plan");
        assertThat(plan.findValuesAsText("role")).containsExactly("backing", "disk", "memory");
        Outcome moved = jvirt.run("migrate", "lab-ext", "--to", "kvm2", "--yes").ok();
        assertThat(moved.out()).doesNotContain("left on this host");
        assertThat(HERE.sh("ls -A " + POOL).ok().out()).isEmpty();
        assertThat(digest(THERE, top)).isEqualTo(before);
        assertThat(THERE.sh(sum).ok().out()).isEqualTo(memory);
        assertThat(there.run("snapshot-list", "lab-ext", "--name").ok().out().strip())
                .isEqualTo("s1");
        there.run("start", "lab-ext", "--paused").ok();
        there.run("destroy", "lab-ext").ok();

        // The machine as it was before it moved, whole.
        jvirt.run("undelete", "lab-ext").ok();
        assertThat(digest(HERE, top)).isEqualTo(before);
        assertThat(HERE.sh(sum).ok().out()).isEqualTo(memory);
        jvirt.run("delete", "lab-ext", "--purge", "--yes").ok();
        assertThat(HERE.sh("ls -A " + POOL).ok().out()).isEmpty();
        jvirtThere.run("delete", "lab-ext", "--purge", "--yes").ok();
        assertThat(THERE.sh("ls -A " + POOL).ok().out()).isEmpty();
    }

    @Test
    void sharedStorageIsProvedAndItsDisksAreLeftAlone() {
        jvirt.run("create", "lab-shared", "--disk", "path=" + SHARED + "lab-shared.qcow2,size=1G", "--no-start")
                .ok();
        HERE.sh("qemu-io -c 'write -P 3 0 1M' " + SHARED + "lab-shared.qcow2").ok();
        jvirt.run("migrate", "lab-shared", "--to", "kvm2", "--copy", "--yes")
                .failsWith(4, "is shared: the target sees what is written beside it", "leave --copy out");
        String inode = HERE.sh("stat -c %i " + SHARED + "lab-shared.qcow2").ok().out();
        assertThat(jvirt.json("migrate", "lab-shared", "--to", "kvm2", "--shared", "--plan")
                        .findValuesAsText("action"))
                .containsExactly("shared");
        jvirt.run("migrate", "lab-shared", "--to", "kvm2", "--shared", "--yes").ok();
        assertThat(HERE.sh("stat -c %i " + SHARED + "lab-shared.qcow2; ls -A " + SHARED + " | grep -c .")
                        .ok()
                        .out())
                .isEqualTo(inode + "1\n");
        there.run("start", "lab-shared", "--paused").ok();
        there.run("destroy", "lab-shared").ok();

        jvirt.run("create", "lab-local", "--disk", "64M", "--no-start").ok();
        jvirt.run("migrate", "lab-local", "--to", "kvm2", "--shared", "--yes")
                .failsWith(4, "is not shared", "leave --shared out");
    }

    @Test
    void aFileOfTheSameNameIsNotTouchedAndBothHostsStayAsTheyWere() {
        jvirt.run("create", "lab-web", "--disk", "64M", "--no-start").ok();
        String disk = here.disks("lab-web").get(0);
        THERE.sh("echo precious >" + disk + "; virsh -q pool-destroy default; virsh -q pool-start default")
                .ok();
        there.run("define", defined("lab-web")).ok();
        String before = state(HERE) + state(THERE);
        Outcome refused = jvirt.run("migrate", "lab-web", "--to", "kvm2", "--yes")
                .failsWith(4, "the target has another file " + disk, "--rename");
        assertThat(refused.err()).contains("the target has another domain 'lab-web'");
        assertThat(jvirt.run("migrate", "lab-web", "--to", "kvm2", "--plan").exit())
                .isEqualTo(4);
        assertThat(state(HERE) + state(THERE)).isEqualTo(before);
    }

    @Test
    void aTargetWithoutRoomIsRefusedBeforehand() {
        jvirt.run("create", "lab-web", "--disk", "64M,format=raw", "--no-start").ok();
        HERE.sh("dd if=/dev/urandom of=" + here.disks("lab-web").get(0) + " bs=1M count=32 conv=notrunc status=none")
                .ok();
        THERE.sh("mkdir " + ELSEWHERE + "lab-small; mount -t tmpfs -o size=8M tmpfs " + ELSEWHERE + "lab-small")
                .ok();
        try {
            jvirt.run("migrate", "lab-web", "--to", "kvm2", "--pool-map", "default=" + ELSEWHERE + "lab-small", "--yes")
                    .failsWith(4, "8 MiB left, 32 MiB are needed", "--pool-map");
        } finally {
            THERE.sh("umount " + ELSEWHERE + "lab-small").ok();
        }
    }

    /** What travels of a large disk with little data is that data: measured on the target's link. */
    @Test
    void holesAndZerosDoNotTravel() {
        jvirt.run("create", "lab-wide", "--disk", "100G,format=raw", "--no-start")
                .ok();
        String disk = here.disks("lab-wide").get(0);
        HERE.sh("for i in 1 30 60 99; do dd if=/dev/urandom of=" + disk
                        + " bs=1M count=16 seek=$((i*1000)) conv=notrunc status=none; done;"
                        + " dd if=/dev/zero of=" + disk + " bs=1M count=64 seek=5000 conv=notrunc status=none")
                .ok();
        long before = received();
        jvirt.run("migrate", "lab-wide", "--to", "kvm2", "--yes").ok();
        assertThat(received() - before).isLessThan((long) (1.07 * (64 << 20)));
        // A file in many pieces takes a few of the file system's own blocks too.
        assertThat(Long.parseLong(
                        THERE.sh("du -k " + disk + " | cut -f1").ok().out().strip()))
                .isBetween(64L << 10, (64L << 10) + 256);
    }

    @Test
    void anOlderCopyMakesADelta() {
        jvirt.run("create", "lab-delta", "--disk", "10G,format=raw", "--no-start")
                .ok();
        String disk = here.disks("lab-delta").get(0);
        HERE.sh("dd if=/dev/urandom of=" + disk + " bs=1M count=96 seek=100 conv=notrunc status=none")
                .ok();
        jvirt.run("migrate", "lab-delta", "--to", "kvm2", "--keep-source", "--yes")
                .ok();
        THERE.sh("cd " + POOL + "; for i in 3 110 120 190 9000; do dd if=/dev/urandom of=lab-delta.raw bs=1M count=1"
                        + " seek=$i conv=notrunc status=none; done; dd if=/dev/zero of=lab-delta.raw bs=1M count=1 seek=150"
                        + " conv=notrunc status=none; ls | grep -q lab-delta.raw")
                .ok();
        String digest = digest(THERE, disk);
        jvirtThere
                .run("migrate", "lab-delta", "--to", "kvm1", "--yes")
                .failsWith(4, "the target has another file " + disk, "--delta");
        long before = sent();
        jvirtThere
                .run("migrate", "lab-delta", "--to", "kvm1", "--delta", "--yes")
                .ok();
        // Reading the older copy and verifying go the other way.
        assertThat(sent() - before).isLessThan(10L << 20);
        assertThat(digest(HERE, disk)).isEqualTo(digest);
    }

    /** What the TPM remembers, a checkpoint with its bitmap, and a device, of which the target gets a file. */
    @Test
    void aTpmACheckpointAndADeviceMove() {
        String disk = POOL + "lab-tpm.qcow2";
        String device = HERE.sh(
                        "truncate -s 8M " + ELSEWHERE + "lab-device; losetup -f --show " + ELSEWHERE + "lab-device")
                .ok()
                .out()
                .strip();
        try {
            HERE.sh("dd if=/dev/urandom of=" + device
                            + " bs=1M count=2 seek=3 status=none; qemu-img create -q -f qcow2 "
                            + disk
                            + " 64M; virsh -q pool-refresh default; printf %s \"<domain type='qemu'><name>lab-tpm</name>"
                            + "<memory>131072</memory><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
                            + "<disk type='file' device='disk'><driver type='qcow2'/><source file='" + disk
                            + "'/><target dev='vda'/></disk><disk type='block' device='disk'><driver type='raw'/><source dev='"
                            + device
                            + "'/><target dev='vdb'/></disk><tpm><backend type='emulator' version='2.0'/></tpm></devices></domain>\""
                            + " >/tmp/lab-tpm.xml; virsh -q define /tmp/lab-tpm.xml; rm /tmp/lab-tpm.xml;"
                            + " virsh -q start lab-tpm --paused; virsh -q checkpoint-create-as lab-tpm one --diskspec"
                            + " vda,checkpoint=bitmap --diskspec vdb,checkpoint=no; virsh -q destroy lab-tpm")
                    .ok();
            String state = "cat /var/lib/libvirt/swtpm/*/tpm2/*permall | sha256sum";
            String remembered = HERE.sh(state).ok().out();
            String digest = digest(HERE, device);
            jvirt.run("migrate", "lab-tpm", "--to", "kvm2", "--yes")
                    .failsWith(4, "is a device, of which the target gets a file", "--pool-map /dev=POOL");
            jvirt.run("migrate", "lab-tpm", "--to", "kvm2", "--pool-map", "/dev=default", "--yes")
                    .ok();
            assertThat(THERE.sh(state).ok().out()).isEqualTo(remembered);
            String file = there.disks("lab-tpm").get(1);
            assertThat(file).startsWith(POOL).endsWith(".raw");
            assertThat(digest(THERE, file)).isEqualTo(digest);
            there.run("start", "lab-tpm", "--paused").ok();
            there.run("checkpoint-create-as", "lab-tpm", "two", "--diskspec", "vdb,checkpoint=no")
                    .ok();
            there.run("destroy", "lab-tpm").ok();
            assertThat(there.run("checkpoint-list", "lab-tpm", "--name").ok().lines())
                    .contains("one", "two");
            jvirtThere.run("delete", "lab-tpm", "--purge", "--yes").ok();
        } finally {
            HERE.sh("losetup -d " + device + "; rm -rf /var/lib/libvirt/swtpm/.jvirt-trash")
                    .ok();
            THERE.sh("rm -f " + POOL + "loop*.raw; rm -rf /var/lib/libvirt/swtpm/*")
                    .ok();
        }
    }

    /** By jvirt on both ends: the definition follows the format, and text shrinks. */
    @Test
    void overSshADiskBecomesAnotherFormatAndIsCompressed() {
        jvirt.run("create", "lab-raw", "--disk", "1G,format=raw", "--no-start").ok();
        String disk = here.disks("lab-raw").get(0);
        HERE.sh("yes 'a line of a log' | dd of=" + disk
                        + " bs=1M count=48 seek=9 iflag=fullblock conv=notrunc status=none")
                .ok();
        String digest = digest(HERE, disk);
        jvirt.run("migrate", "lab-raw", "--to", "kvm2", "--transport", "libvirt", "--format", "qcow2", "--yes")
                .failsWith(4, "can become qcow2 only where jvirt is on the target too", "leave --format");
        long before = received();
        jvirt.run("migrate", "lab-raw", "--to", "kvm2", "--format", "qcow2", "--compress", "zstd", "--yes")
                .ok();
        assertThat(received() - before).isLessThan(2L << 20);
        String moved = POOL + "lab-raw.qcow2";
        assertThat(there.disks("lab-raw")).containsExactly(moved);
        assertThat(there.xml("lab-raw")).contains("type='qcow2'");
        assertThat(digest(THERE, moved)).isEqualTo(digest);
        THERE.exec("qemu-img", "check", moved).ok();
        there.run("start", "lab-raw", "--paused").ok();
        there.run("destroy", "lab-raw").ok();
    }

    @Test
    void anImageIsCopiedByItself() {
        HERE.sh("cd " + POOL + "; cp " + OnKvm1.TINY_DISK
                        + " lab-base.qcow2; qemu-img create -q -f qcow2 -b lab-base.qcow2"
                        + " -F qcow2 lab-top.qcow2; qemu-io -c 'write -P 9 20M 64k' lab-top.qcow2")
                .ok();
        String top = POOL + "lab-top.qcow2";
        jvirt.run("disk", "copy", POOL + "lab-base.qcow2", "kvm2:" + ELSEWHERE + "lab-new/")
                .ok();
        assertThat(digest(THERE, ELSEWHERE + "lab-new/lab-base.qcow2"))
                .isEqualTo(digest(HERE, POOL + "lab-base.qcow2"));
        assertThat(there.run("pool-list", "--all", "--name").ok().lines()).containsExactly("default");
        Outcome based = jvirt.run("disk", "copy", top, "kvm2:" + POOL);
        assertThat(based.exit()).isEqualTo(1);
        assertThat(based.err())
                .contains("is based on " + POOL + "lab-base.qcow2")
                .contains("--flatten");
        Outcome copied = jvirt.run("disk", "copy", "--flatten", top, "kvm2:" + POOL + "lab-whole.raw")
                .ok();
        assertThat(copied.out()).contains("lab-whole.raw is verified, digest " + digest(THERE, POOL + "lab-whole.raw"));
        Outcome twice = jvirt.run("disk", "copy", "--flatten", top, "kvm2:" + POOL + "lab-whole.raw");
        assertThat(twice.err())
                .contains("exists on qemu+ssh://root@kvm2/system")
                .contains("--delta");
        jvirt.run("disk", "copy", "--delta", "--flatten", top, "kvm2:" + POOL + "lab-whole.raw")
                .ok();
    }

    private static long sent() {
        return Long.parseLong(LabHost.lab("wire", "kvm2").ok().out().strip().split(" ")[1]);
    }

    private static long received() {
        return Long.parseLong(LabHost.lab("wire", "kvm2").ok().out().strip().split(" ")[0]);
    }

    private static String defined(String name) {
        THERE.sh("printf %s \"<domain type='qemu'><name>" + name + "</name><memory>65536</memory><os><type"
                        + " arch='x86_64'>hvm</type></os></domain>\" >" + ELSEWHERE + "lab-clash.xml")
                .ok();
        return ELSEWHERE + "lab-clash.xml";
    }

    static String digest(LabHost host, String image) {
        return new Jvirt(host).run("disk", "digest", image).ok().out().split("\\s")[0];
    }

    /** Everything that a migration could touch, contents included. */
    private static String state(LabHost host) {
        return host.sh(
                        "virsh -q list --all; for d in $(virsh -q list --all --name); do virsh dumpxml --inactive $d; done;"
                                + " virsh -q pool-list --all; find /var/lib/libvirt/images " + ELSEWHERE + " " + SHARED
                                + " /var/lib/libvirt/qemu/nvram -type f -exec sha256sum {} +")
                .ok()
                .out();
    }
}
