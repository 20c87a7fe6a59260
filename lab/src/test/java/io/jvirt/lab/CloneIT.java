// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code jvirt clone}: copies, overlays and reflinks of real machines; what their bases are protected against; kill -9. */
class CloneIT extends OnKvm1 {
    /** A move has some sixty syncs, and each of them is one in a run or another. */
    private static final int SENT_STRIDE = Integer.getInteger("jvirt.clone.stride", 15);

    private static final String MIB_OF_CLONES = "du -cm /var/lib/libvirt/images/lab-c-* | tail -1 | cut -f1";

    private void createSource(String... more) {
        List<String> command = new ArrayList<>(List.of(
                "create",
                "lab-src",
                "--image",
                TINY_DISK,
                "--vcpus",
                "1",
                "--disk",
                "10G",
                "--memory",
                "256M",
                "--no-start"));
        command.addAll(List.of(more));
        jvirt.run(command.toArray(String[]::new)).ok();
    }

    @Test
    void aFullCloneDiffersInIdentityAndNotInData() {
        createSource("--disk", "64M,format=raw", "--firmware", "uefi");
        // The first start makes the firmware's variables.
        jvirt.run("start", "lab-src").ok();
        pullThePlug("lab-src");
        assertThat(jvirt.run("clone", "lab-src", "lab-copy", "--mode", "full")
                        .ok()
                        .out())
                .contains("lab-copy");

        assertThat(virsh.disks("lab-copy")).containsExactly(POOL + "lab-copy.qcow2", POOL + "lab-copy-2.raw");
        qemuImg.assertSound(POOL + "lab-copy.qcow2", "qcow2", 10 * GIB);
        qemuImg.assertEqual(POOL + "lab-src.qcow2", POOL + "lab-copy.qcow2");
        qemuImg.assertEqual(POOL + "lab-src-2.raw", POOL + "lab-copy-2.raw");
        for (String path : List.of("/domain/uuid/text()", "//mac/@address")) {
            assertThat(virsh.xpath("lab-copy", path)).as(path).isNotEmpty().isNotEqualTo(virsh.xpath("lab-src", path));
        }
        String nvram = "/var/lib/libvirt/qemu/nvram/";
        HOST.exec("cmp", nvram + "lab-src_VARS.fd", nvram + "lab-copy_VARS.fd").ok();
        jvirt.run("start", "lab-copy").ok();
        delete("lab-copy", "lab-src");
    }

    /** What the original sealed is its own: a copy of its keys would speak for it. */
    @Test
    void aCloneHasATpmOfItsOwn() {
        createSource("--tpm", "emulator");
        jvirt.run("start", "lab-src").ok();
        pullThePlug("lab-src");
        Outcome made = jvirt.run("clone", "lab-src", "lab-copy", "--mode", "linked", "--start")
                .ok();
        assertThat(made.err()).contains("the clone's TPM starts empty");
        pullThePlug("lab-copy");
        String source = tpmState("lab-src");
        String copy = tpmState("lab-copy");
        assertThat(copy).isNotEqualTo(source);
        assertThat(HOST.exec("cmp", source, copy).exit()).isEqualTo(1);
        delete("lab-copy");
        assertThat(exists(source)).isTrue();
        assertThat(exists(copy)).isFalse();
        delete("lab-src");
        assertThat(exists(source)).isFalse();
    }

    private String tpmState(String domain) {
        String file = "/var/lib/libvirt/swtpm/" + virsh.xpath(domain, "/domain/uuid/text()") + "/tpm2/tpm2-00.permall";
        assertThat(exists(file)).as(file).isTrue();
        return file;
    }

    @Test
    void virtSysprepResetsTheIdentityWhereItIsInstalled() {
        createSource();
        String bin = ELSEWHERE + "bin/";
        standIn(bin, "printf '%s\\n' \"$@\" >" + bin + "arguments");
        String[] clone = {"clone", "lab-src", "lab-prep", "--mode", "linked", "--reset-identity"};
        assertThat(withPath(bin, clone).ok().out()).contains("The identity of lab-prep was reset by " + bin);
        assertThat(HOST.sh("cat " + bin + "arguments").ok().lines())
                .containsSubsequence("--hostname", "lab-prep")
                .containsSubsequence("--format", "qcow2", "-a", POOL + "lab-prep.qcow2");
        delete("lab-prep");
        standIn(bin, "echo no appliance; exit 1");
        withPath(bin, clone).failsWith(1, "virt-sysprep failed with exit code 1: no appliance", "libguestfs-test-tool");
        assertThat(exists(POOL + "lab-prep.qcow2")).isFalse();
        delete("lab-src");
        HOST.exec("rm", "-r", bin).ok();
    }

    private static void standIn(String directory, String script) {
        HOST.sh("mkdir -p " + directory + "; cat >" + directory + "virt-sysprep <<'EOF'\n#!/bin/sh\n" + script
                        + "\nEOF\nchmod 755 " + directory + "virt-sysprep")
                .ok();
    }

    private static Outcome withPath(String directory, String... verb) {
        List<String> command =
                new ArrayList<>(List.of("env", "PATH=" + directory + ":" + System.getenv("PATH") + ":/usr/sbin:/sbin"));
        command.addAll(Jvirt.command(verb));
        return HOST.exec(command);
    }

    @Test
    void aCloneOnAnotherHostLeavesNothingHere() {
        createSource();
        List<String> before = HOST.sh("ls " + POOL).ok().lines();
        jvirt.run("clone", "lab-src", "lab-there", "--to", "kvm2", "--mode", "linked")
                .failsWith(2, "a linked clone lies on", "--mode full");
        jvirt.run("clone", "lab-src", "lab-there", "--to", "kvm2", "--pool", "default", "--start")
                .ok();
        Virsh there = new Virsh(LabHost.KVM2);
        assertThat(there.state("lab-there")).isEqualTo("running");
        assertThat(there.xpath("lab-there", "/domain/uuid/text()"))
                .isNotEqualTo(virsh.xpath("lab-src", "/domain/uuid/text()"));
        assertThat(virsh.domains()).containsExactly("lab-src");
        assertThat(HOST.sh("ls " + POOL).ok().lines()).isEqualTo(before);
        assertThat(jvirt.run("trash", "list", "-o", "name").ok().lines()).isEmpty();
        jvirt.run("clone", "lab-src", "lab-there", "--to", "kvm2")
                .failsWith(1, "'lab-there' is in use on", "another name");
        jvirt.run("-c", "qemu+ssh://root@kvm2/system", "delete", "lab-there", "--yes", "--force", "--purge")
                .ok();
        delete("lab-src");
    }

    /** Their consoles are on one port: the first clone has it, and the second cannot start. */
    @Test
    void aCloneThatCannotStartThereIsNamedAndTheOthersRun() {
        jvirt.run("create", "lab-src", "--disk", "4M", "--memory", "64M", "--no-start")
                .ok();
        HOST.sh(
                        "virsh dumpxml lab-src | sed \"s|</devices>|<serial type='tcp'><source mode='bind' host='127.0.0.1'"
                                + " service='5977'/></serial></devices>|\" >/run/lab-src.xml; virsh define /run/lab-src.xml; rm /run/lab-src.xml")
                .ok();
        Outcome outcome = jvirt.run("clone", "lab-src", "lab-there", "--to", "kvm2", "--start", "--count", "2")
                .failsWith(
                        1,
                        "jvirt: domain 'lab-there-02' is on qemu+ssh://root@kvm2/system and could not be started: ",
                        "mend it, then: jvirt -c qemu+ssh://root@kvm2/system start lab-there-02\n");
        assertThat(outcome.err()).contains("; started: 'lab-there-01'\n");
        Virsh there = new Virsh(LabHost.KVM2);
        assertThat(there.state("lab-there-01")).isEqualTo("running");
        assertThat(there.state("lab-there-02")).isEqualTo("shut off");
        assertThat(virsh.domains()).containsExactly("lab-src");
        assertThat(jvirt.run("recover", "-o", "name").ok().lines()).isEmpty();

        outcome = jvirt.run("migrate", "lab-src", "--to", "kvm2", "--start", "--yes");
        outcome.failsWith(
                1, "jvirt: domain 'lab-src' is on qemu+ssh://root@kvm2/system and could not", " start lab-src\n");
        assertThat(outcome.out()).contains("Domain 'lab-src' has moved to");
        there.run("destroy", "lab-there-01").ok();
        jvirt.run("-c", "qemu+ssh://root@kvm2/system", "start", "lab-src").ok();
        for (String name : List.of("lab-there-01", "lab-there-02", "lab-src")) {
            jvirt.run("-c", "qemu+ssh://root@kvm2/system", "delete", name, "--yes", "--force", "--purge")
                    .ok();
        }
    }

    /** The clone and its move have an entry each: between the two, too, recover takes it away or there. */
    @Test
    void killedOnItsWayToAnotherHostItIsThereWholeOrNowhere() {
        jvirt.run("create", "lab-src", "--disk", "4M", "--memory", "64M").ok();
        HOST.exec("qemu-io", "-f", "qcow2", "-c", "write -P 7 0 1M", POOL + "lab-src.qcow2")
                .ok();
        LabHost other = LabHost.KVM2;
        Virsh there = new Virsh(other);
        List<String> here = HOST.sh("ls " + POOL).ok().lines();
        List<String> before = other.sh("ls " + POOL).ok().lines();
        boolean[] forward = {false};
        Killed.atSyncs(
                HOST,
                SENT_STRIDE,
                SENT_STRIDE,
                when -> {
                    forward[0] = !forward[0];
                    String what = when + (forward[0] ? ", resumed" : ", rolled back");
                    boolean isUnfinished =
                            !jvirt.run("recover", "-o", "name").ok().lines().isEmpty();
                    Outcome recovered = jvirt.run("recover", forward[0] ? "--resume" : "--rollback", "--yes");
                    if (recovered.exit() != 0) {
                        // From some moment on there is one way only.
                        jvirt.run("recover", forward[0] ? "--rollback" : "--resume", "--yes")
                                .ok();
                    }
                    if (isUnfinished && forward[0] && there.domains().contains("lab-there")) {
                        assertThat(there.state("lab-there")).as(what).isEqualTo("running");
                    }
                    assertThat(jvirt.run("recover", "-o", "name").ok().lines())
                            .as(what)
                            .isEmpty();
                    assertNothingIsLeftHere(here, what);
                    takeAway(other, there, before, what);
                },
                "clone",
                "lab-src",
                "lab-there",
                "--to",
                "kvm2",
                "--start");
        assertNothingIsLeftHere(here, "in the end");
        assertThat(there.state("lab-there")).isEqualTo("running");
        takeAway(other, there, before, "in the end");
        delete("lab-src");
    }

    private void assertNothingIsLeftHere(List<String> before, String what) {
        assertThat(virsh.domains()).as(what).containsExactly("lab-src");
        assertThat(HOST.sh("ls -A " + POOL + " | grep -v '^[.]jvirt-trash$' || true")
                        .ok()
                        .lines())
                .as(what)
                .isEqualTo(before);
        assertThat(jvirt.run("trash", "list", "-o", "name").ok().lines())
                .as(what)
                .isEmpty();
    }

    /** Where the clone has arrived it is whole; without it nothing is there. */
    private void takeAway(LabHost other, Virsh there, List<String> before, String what) {
        if (there.domains().contains("lab-there")) {
            there.run("destroy", "lab-there");
            assertThat(other.exec("qemu-io", "-r", "-f", "qcow2", "-c", "read -P 7 0 1M", POOL + "lab-there.qcow2")
                            .ok()
                            .out())
                    .as(what)
                    .doesNotContain("verification failed");
            jvirt.run("-c", "qemu+ssh://root@kvm2/system", "delete", "lab-there", "--yes", "--purge")
                    .ok();
        }
        assertThat(other.sh("ls -A " + POOL + " | grep -v '^[.]jvirt-trash$' || true")
                        .ok()
                        .lines())
                .as(what)
                .isEqualTo(before);
    }

    @Test
    void tenLinkedClonesAreSmallAndTheirBaseIsProtected() {
        createSource();
        jvirt.run("clone", "lab-src", "lab-c", "--mode", "linked", "--count", "10")
                .ok();
        List<String> clones = IntStream.rangeClosed(1, 10)
                .mapToObj(i -> String.format("lab-c-%02d", i))
                .toList();
        assertThat(virsh.domains()).containsAll(clones);
        assertThat(Integer.parseInt(HOST.sh(MIB_OF_CLONES).ok().out().strip())).isLessThan(30);
        Set<String> identities = new HashSet<>();
        for (String clone : clones) {
            assertThat(qemuImg.info(disk(clone)).path("backing-filename-format").asText())
                    .isEqualTo("qcow2");
            identities.add(virsh.xpath(clone, "/domain/uuid/text()"));
            identities.add(virsh.xpath(clone, "//mac/@address"));
        }
        assertThat(identities).hasSize(20);
        jvirt.run("start", "lab-c-07").ok();
        assertTinyGuestTalks("lab-c-07");

        // Neither jvirt nor anyone else gets at the base while there are clones.
        jvirt.run("start", "lab-src").failsWith(4, "lab-c-01", "--mode linked");
        assertThat(virsh.run("start", "lab-src").exit()).isNotZero();
        jvirt.run("delete", "lab-src", "--yes").failsWith(4, "lab-c-", "--keep-disks");
        List<String> delete = new ArrayList<>(List.of("delete", "--yes", "--force", "--purge"));
        delete.addAll(clones);
        jvirt.run(delete.toArray(String[]::new)).ok();
        assertThat(virsh.domains()).doesNotContainAnyElementsOf(clones);
        jvirt.run("start", "lab-src").ok();
        delete("lab-src");
    }

    @Test
    void aReflinkSharesBlocksWhereTheFileSystemCan() {
        HOST.sh("truncate -s 400M " + ELSEWHERE + "fs; mkfs.xfs -q " + ELSEWHERE + "fs; mkdir " + ELSEWHERE
                        + "mnt; mount -o loop " + ELSEWHERE + "fs " + ELSEWHERE + "mnt; chmod 755 " + ELSEWHERE + "mnt")
                .ok();
        try {
            createSource("--dir", ELSEWHERE + "mnt");
            jvirt.run("clone", "lab-src", "lab-ref", "--mode", "reflink").ok();
            assertThat(jvirt.run("clone", "lab-src", "lab-auto").ok().out()).contains("reflink");
            assertThat(HOST.sh("filefrag -v " + ELSEWHERE + "mnt/lab-auto.qcow2")
                            .ok()
                            .out())
                    .contains("shared");
            qemuImg.assertEqual(ELSEWHERE + "mnt/lab-src.qcow2", ELSEWHERE + "mnt/lab-ref.qcow2");
            jvirt.run("clone", "lab-src", "lab-no", "--mode", "reflink", "--pool", "default")
                    .failsWith(1, "cannot share blocks", "--mode full");
            delete("lab-ref", "lab-auto", "lab-src");
        } finally {
            HOST.sh("umount " + ELSEWHERE + "mnt; rmdir " + ELSEWHERE + "mnt; rm " + ELSEWHERE + "fs")
                    .ok();
        }
    }

    @Test
    void killedInTheMiddleItIsUndone() {
        jvirt.run("create", "lab-src", "--disk", "64M", "--disk", "64M,format=raw")
                .ok();
        List<String> before = HOST.sh("ls " + POOL).ok().lines();
        Killed.atSyncs(
                HOST,
                2,
                13,
                when -> {
                    assertUndone(before, when);
                    assertThat(HOST.sh("stat -c %A " + POOL + "lab-src.qcow2")
                                    .ok()
                                    .out())
                            .startsWith("-rw");
                },
                "clone",
                "lab-src",
                "lab-kill",
                "--mode",
                "linked");
        delete("lab-kill", "lab-src");
    }

    private void assertUndone(List<String> before, String when) {
        jvirt.run("recover", "--rollback", "--yes").ok();
        if (virsh.domains().contains("lab-kill")) {
            delete("lab-kill");
        }
        assertThat(HOST.sh("ls " + POOL).ok().lines()).as(when).isEqualTo(before);
    }

    /** The source writes on in overlays meanwhile; whatever happens, it runs on in its own disks. */
    @Test
    void ofARunningMachineKilledInTheMiddleItIsUndone() {
        createSource("--disk", "64M,format=raw");
        jvirt.run("start", "lab-src").ok();
        assertTinyGuestTalks("lab-src");
        List<String> before = HOST.sh("ls " + POOL).ok().lines();
        jvirt.run("clone", "lab-src", "lab-kill", "--mode", "linked").failsWith(4, "is running", "--mode full");
        String[] clone = {"clone", "lab-src", "lab-kill", "--mode", "full"};
        Killed.atSyncs(
                HOST,
                3,
                6,
                when -> {
                    assertUndone(before, when);
                    assertSourceRunsInItsDisks(when);
                },
                clone);
        assertSourceRunsInItsDisks("after all");
        assertTinyGuestTalks("lab-src");
        jvirt.run("stop", "lab-src", "--force").ok();
        qemuImg.assertEqual(POOL + "lab-src-2.raw", POOL + "lab-kill-2.raw");
        delete("lab-kill", "lab-src");
    }

    private void assertSourceRunsInItsDisks(String when) {
        assertThat(virsh.state("lab-src")).as(when).isEqualTo("running");
        for (String which : List.of("", " --inactive")) {
            assertThat(HOST.sh("virsh domblklist lab-src" + which + " | awk '/vd/ {print $2}'")
                            .ok()
                            .lines())
                    .as(when + which)
                    .containsExactly(POOL + "lab-src.qcow2", POOL + "lab-src-2.raw");
        }
    }
}
