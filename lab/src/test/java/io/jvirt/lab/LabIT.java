// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lab itself: two hosts that are two to libvirt, and nothing left when it goes. */
class LabIT {
    private static final String OTHER = "selftest";

    @Test
    void theHostsAreTwoAndReachEachOther() {
        assertThat(LabHost.KVM1.exec("hostname").ok().out().strip()).isEqualTo("kvm1");
        assertThat(uuid("qemu:///system")).matches("[0-9a-f-]{36}").isNotEqualTo(uuid("qemu+ssh://root@kvm2/system"));
        assertThat(LabHost.KVM1
                        .exec("virsh", "-c", "qemu+ssh://root@kvm2/system", "hostname")
                        .ok()
                        .out()
                        .strip())
                .isEqualTo("kvm2");
    }

    @Test
    void sharedStorageIsSharedAndTheRestIsNot() {
        LabHost.KVM1
                .sh("echo seen >/var/lib/libvirt/shared/marker; echo own >/var/lib/libvirt/elsewhere/marker")
                .ok();
        assertThat(LabHost.KVM2
                        .sh("cat /var/lib/libvirt/shared/marker; ls /var/lib/libvirt/elsewhere")
                        .ok()
                        .lines())
                .containsExactly("seen");
        LabHost.KVM1
                .sh("rm /var/lib/libvirt/shared/marker /var/lib/libvirt/elsewhere/marker")
                .ok();
    }

    @Test
    void aLinkCanBeCutAndJoined() {
        String reach = "timeout 3 bash -ec 'exec 3<>/dev/tcp/kvm2/22; read -r -u 3 line; echo $line'";
        LabHost.lab("cut", "kvm2").ok();
        try {
            assertThat(LabHost.KVM1.exec("sh", "-c", reach).exit()).isNotZero();
        } finally {
            LabHost.lab("join", "kvm2").ok();
        }
        assertThat(LabHost.KVM1.exec("sh", "-c", reach + " || " + reach).ok().out())
                .startsWith("SSH-2.0");
        assertThat(LabHost.lab("wire", "kvm2").ok().out().strip()).matches("[1-9]\\d* [1-9]\\d*");
    }

    /** As under a service manager. */
    @Test
    void aLibvirtThatCrashesComesBackAndOneThatIsKilledStaysAway() {
        LabHost host = LabHost.KVM2;
        String gone = "; while kill -0 $pid 2>/dev/null; do sleep 0.1; done";
        host.sh("pid=$(cat /run/libvirtd.pid); kill -SEGV $pid" + gone).ok();
        host.sh("until virsh -q -c qemu:///system pool-info default >/dev/null 2>&1; do sleep 0.1; done")
                .ok();
        assertThat(host.takeCrashes()).contains("libvirtd crashed: exit code 139");
        try {
            host.sh("pid=$(cat /run/libvirtd.pid); kill -KILL $pid" + gone + "; sleep 1")
                    .ok();
            assertThat(host.sh("virsh -q -c qemu:///system list").exit()).isNotZero();
        } finally {
            host.startLibvirtd();
        }
        assertThat(host.takeCrashes()).isEmpty();
    }

    @Test
    void aLabGoesWithoutATraceAndComesBackAfterACrash() {
        other("down").ok();
        assertThat(other("status").exit()).isEqualTo(3);
        String before = machine();
        String init = other("up").ok().lines().get(0).replaceAll(".* ", "");
        assertThat(other("up").ok().out()).contains("is up");
        Outcome guest = other(
                "exec",
                "kvm1",
                "sh",
                "-ec",
                "truncate -s 64M /var/lib/libvirt/elsewhere/selftest-loop;"
                        + " losetup --find /var/lib/libvirt/elsewhere/selftest-loop; qemu-system-x86_64 -M none -display none -daemonize; hostname");
        assertThat(guest.ok().out()).contains("kvm1");

        Running.start(new ProcessBuilder("kill", "-KILL", init), List.of("kill"))
                .await(LabHost.PATIENCE)
                .ok();
        while (other("status").exit() == 0) {
            Running.pause();
        }
        other("up").ok();
        assertThat(other("exec", "kvm1", "virsh", "-q", "pool-list").ok().out()).contains("default");

        other("down").ok();
        assertThat(machine()).isEqualTo(before);
        assertThat(Files.exists(Path.of("/var/tmp/jvirt-lab-" + OTHER))).isFalse();
    }

    private static String uuid(String uri) {
        return LabHost.KVM1
                .sh("virsh -c " + uri + " capabilities | sed -n 's/.*<uuid>\\(.*\\)<.uuid>.*/\\1/p'")
                .ok()
                .out()
                .strip();
    }

    private static Outcome other(String... arguments) {
        return LabHost.lab(OTHER, List.of(arguments));
    }

    /** What a lab could leave on the machine. Other labs may come and go beside this test: only our name counts. */
    private static String machine() {
        String script =
                "ls -d /var/tmp/jvirt-lab-" + OTHER + " 2>/dev/null; losetup --list --noheadings --output BACK-FILE"
                        + " | grep " + OTHER + "; grep -c jvirt-lab-" + OTHER + " /proc/mounts;"
                        + " ps -eo args | grep -c '[h]ost-init /var/tmp/jvirt-lab-" + OTHER + "'; true";
        return Running.start(new ProcessBuilder("sh", "-c", script), List.of("machine"))
                .closeInput()
                .await(LabHost.PATIENCE)
                .out();
    }
}
