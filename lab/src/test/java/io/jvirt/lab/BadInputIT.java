// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user can get wrong, or the host: a clear message, a hint, the contract's exit code, and nothing left behind. */
class BadInputIT extends OnKvm1 {
    @Test
    void aNameInUse() {
        jvirt.run("create", "--name", "lab-twice", "--disk", "1G").ok();
        jvirt.run("create", "--name", "lab-twice", "--disk", "2G").failsWith(1, "lab-twice", "jvirt");
        qemuImg.assertSound(disk("lab-twice"), "qcow2", GIB);
        delete("lab-twice");
    }

    @Test
    void aDiskFileInTheWayIsNotTouched() {
        HOST.sh("echo precious >" + POOL + "lab-way.qcow2").ok();
        jvirt.run("create", "--name", "lab-way", "--disk", "1G").failsWith(4, "lab-way.qcow2", "--import");
        assertThat(virsh.domains()).doesNotContain("lab-way");
        assertThat(HOST.exec("cat", POOL + "lab-way.qcow2").ok().out()).isEqualTo("precious\n");
        HOST.exec("rm", POOL + "lab-way.qcow2").ok();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lab-a/b", "lab-a\nb", "lab-é", "lab-虚拟", "", ".", ".."})
    void aNameThatIsNone(String name) {
        Outcome outcome = jvirt.run("create", "--name", name, "--disk", "1G").failsWith(2, "name", "");
        assertThat(outcome.err()).doesNotContain("\nb");
        assertThat(sandbox.leftBehind()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10X", "16E", "", "1G,format=vhdx", "1G,nonsense=1", "1G,bus=floppy"})
    void aDiskThatIsNone(String disk) {
        jvirt.run("create", "--name", "lab-size", "--disk", disk).failsWith(2, disk.replaceAll(".*[,=]", ""), "");
        assertThat(sandbox.leftBehind()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--memory,0",
        "--memory,12X",
        "--vcpus,0",
        "--vcpus,many",
        "--format,vhdx",
        "--firmware,openboot",
        "--cpu,nosuch",
    })
    void anOptionValueThatIsNone(String option, String value) {
        jvirt.run("create", "--name", "lab-opt", "--disk", "1G", option, value).failsWith(2, "", "");
        assertThat(sandbox.leftBehind()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--cdrom,/var/lib/libvirt/elsewhere/none.iso",
        "--location,/var/lib/libvirt/elsewhere/none",
        "--image,/var/lib/libvirt/elsewhere/none.qcow2",
        "--import,/var/lib/libvirt/elsewhere/none.qcow2",
        "--pool,nowhere",
        "--network,nowhere",
    })
    void somethingThatIsNotThere(String option, String value) {
        List<String> command = new ArrayList<>(List.of("create", "--name", "lab-none", option, value));
        if (!option.equals("--import") && !option.equals("--image")) {
            command.addAll(List.of("--disk", "1G"));
        }
        jvirt.run(command.toArray(String[]::new)).failsWith(3, value, "");
        assertThat(sandbox.leftBehind()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "3|--forward bridge --bridge nosuch0|there is no bridge 'nosuch0' on this host|ip link add nosuch0 type bridge",
                "3|--dev nosuch0|there is no network device 'nosuch0' on this host|ip link lists them",
                "4|--bridge lo|a network device 'lo' exists already on this host|choose another --bridge",
            })
    void aNetworkOnWhatTheHostHasNotOrHas(int exit, String options, String message, String hint) {
        List<String> command = new ArrayList<>(List.of("net", "create", "lab-n"));
        command.addAll(List.of(options.split(" ")));
        jvirt.run(command.toArray(String[]::new)).failsWith(exit, message, hint);
        assertThat(virsh.run("net-list", "--all", "--name").ok().out()).doesNotContain("lab-n");
    }

    @Test
    void aPoolThatIsOff() {
        HOST.sh("virsh -q pool-define-as labpool dir --target /var/lib/libvirt/elsewhere")
                .ok();
        try {
            jvirt.run("create", "--name", "lab-off", "--disk", "1G", "--pool", "labpool")
                    .failsWith(1, "labpool", "pool");
            assertThat(virsh.domains()).doesNotContain("lab-off");
        } finally {
            HOST.sh("virsh -q pool-undefine labpool").ok();
        }
    }

    @Test
    void aFullDisk() {
        HOST.sh("mkdir -p " + ELSEWHERE + "small; mount -t tmpfs -o size=8M tmpfs " + ELSEWHERE + "small;"
                        + " virsh -q pool-create-as labsmall dir --target " + ELSEWHERE + "small")
                .ok();
        try {
            jvirt.run("create", "--name", "lab-full", "--disk", "64M,preallocation=full", "--pool", "labsmall")
                    .failsWith(1, "space", "");
            jvirt.run("create", "--name", "lab-full", "--image", TINY_DISK, "--pool", "labsmall")
                    .failsWith(1, "space", "");
            assertThat(virsh.domains()).doesNotContain("lab-full");
            assertThat(HOST.exec("ls", "-A", ELSEWHERE + "small").ok().out()).isEmpty();
        } finally {
            HOST.sh("virsh -q pool-destroy labsmall; umount " + ELSEWHERE + "small; rmdir " + ELSEWHERE + "small")
                    .ok();
        }
    }

    @Test
    void anImageThatIsNone() {
        HOST.sh("head -c 4096 /dev/urandom >" + ELSEWHERE + "junk.qcow2; printf 'QFI\\373' |" + " dd of=" + ELSEWHERE
                        + "junk.qcow2 conv=notrunc status=none")
                .ok();
        Outcome outcome = jvirt.run("create", "--name", "lab-junk", "--image", ELSEWHERE + "junk.qcow2");
        outcome.failsWith(1, "junk.qcow2", "");
        assertThat(virsh.domains()).doesNotContain("lab-junk");
        HOST.exec("rm", ELSEWHERE + "junk.qcow2").ok();
    }

    /**
     * Runs the rest as nobody, who may not come into a checkout below root's home: there the way to it is laid anew, in a
     * mount namespace of this command.
     */
    private static final String AS_NOBODY = """
            checkout=$0 closed=
            at=$checkout
            while [ "$at" != / ]; do
              case $(stat -c %A "$at") in *x | *t) ;; *) closed=$at ;; esac
              at=$(dirname "$at")
            done
            if [ -n "$closed" ]; then
              mkdir -p /run/checkout && mount --bind "$checkout" /run/checkout
              mount -t tmpfs -o mode=755 tmpfs "$closed"
              mkdir -p "$checkout" && mount --bind /run/checkout "$checkout"
            fi
            exec setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/nonexistent "$@"
            """;

    @Test
    void anotherUserMayNot() {
        List<String> command =
                new ArrayList<>(List.of("unshare", "-m", "sh", "-ec", AS_NOBODY, LabHost.CHECKOUT.toString()));
        command.addAll(Jvirt.command("-c", "qemu:///system", "list"));
        HOST.exec(command).failsWith(1, "Permission denied", "group libvirt");
    }

    @Test
    void noLibvirt() {
        LabHost other = LabHost.KVM2;
        Jvirt there = new Jvirt(other);
        other.sh("kill $(cat /run/libvirtd.pid); while [ -e /run/libvirtd.pid ]; do sleep 0.1; done")
                .ok();
        try {
            there.run("-c", "qemu:///system", "list").failsWith(1, "qemu:///system", "libvirtd");
            there.run("-c", "qemu:///system", "create", "--name", "lab-nolibvirt", "--disk", "1G")
                    .failsWith(1, "qemu:///system", "libvirtd");
        } finally {
            other.startLibvirtd();
            other.sh("until virsh -q -c qemu:///system pool-info default >/dev/null 2>&1; do sleep 0.1; done")
                    .ok();
        }
    }

    @Test
    void aHostThatDoesNotAnswer() {
        LabHost.lab("cut", "kvm2").ok();
        try {
            long start = System.nanoTime();
            jvirt.run("-c", "qemu+ssh://root@kvm2/system", "list").failsWith(1, "kvm2", "");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
        } finally {
            LabHost.lab("join", "kvm2").ok();
        }
        jvirt.run("-c", "qemu+ssh://root@kvm2/system", "list").ok();
    }

    @Test
    void aConnectionThatDies() {
        String remote = "qemu+ssh://root@kvm2/system";
        new Jvirt(LabHost.KVM2)
                .run("create", "--name", "lab-dead", "--disk", "1G", "--memory", "256M", "--location", TINY_TREE)
                .ok();
        try (Running console = jvirt.start("-c", remote, "console", "lab-dead")) {
            long deadline = System.nanoTime() + BOOT.toNanos();
            while (!console.out().contains("tiny#") && console.isAlive() && System.nanoTime() < deadline) {
                console.send("\n");
                for (int i = 0; i < 10; i++) {
                    Running.pause();
                }
            }
            assertThat(console.out()).contains("tiny#");
            LabHost.lab("cut", "kvm2").ok();
            Outcome outcome = console.await(Duration.ofSeconds(90));
            assertThat(outcome.exit()).as("%s", outcome).isEqualTo(1);
            assertThat(outcome.err()).contains("kvm2").contains("hint:");
        } finally {
            LabHost.lab("join", "kvm2").ok();
            jvirt.run("-c", remote, "delete", "lab-dead", "--force", "--yes", "--purge")
                    .ok();
        }
    }
}
