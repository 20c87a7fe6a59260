// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same verbs on the other host, over ssh: its disks are made through libvirt's storage API. */
class RemoteIT {
    private static final String REMOTE = "qemu+ssh://root@kvm2/system";

    private final Jvirt jvirt = new Jvirt(LabHost.KVM1);
    private final Virsh there = new Virsh(LabHost.KVM2);

    @RegisterExtension
    final Sandbox sandbox = new Sandbox(LabHost.KVM1, LabHost.KVM2);

    @Test
    void createdListedStoppedDeleted() {
        jvirt.run("-c", REMOTE, "create", "--name", "lab-far", "--disk", "1G", "--disk", "2G,format=raw")
                .ok();
        assertThat(there.domains()).contains("lab-far");
        new QemuImg(LabHost.KVM2).assertSound(there.disks("lab-far").get(0), "qcow2", 1L << 30);
        new QemuImg(LabHost.KVM2).assertSound(there.disks("lab-far").get(1), "raw", 2L << 30);
        assertThat(jvirt.run("-c", REMOTE, "list", "--all").ok().out()).contains("lab-far");
        assertThat(new Virsh(LabHost.KVM1).domains()).doesNotContain("lab-far");
        jvirt.run("-c", REMOTE, "autostart", "on", "lab-far").ok();
        assertThat(LabHost.KVM2
                        .exec("test", "-L", "/etc/libvirt/qemu/autostart/lab-far.xml")
                        .exit())
                .isZero();
        jvirt.run("-c", REMOTE, "delete", "lab-far", "--yes", "--purge").ok();
        assertThat(there.domains()).doesNotContain("lab-far");
    }

    /** What needs the host's own files says so, and makes nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "create --name lab-x --pxe --cloud-init hostname=a|the cloud-init seed can only be made on the host itself, and "
                        + REMOTE + " is another one|run jvirt on that host",
                "create --name lab-x --image /var/cache/jvirt-lab/tiny.qcow2|the image /var/cache/jvirt-lab/tiny.qcow2 cannot"
                        + " be given to another host|run jvirt on that host, or put it into a pool there first",
                "create --name lab-x --import /var/cache/jvirt-lab/tiny.qcow2|the disk /var/cache/jvirt-lab/tiny.qcow2 cannot"
                        + " be given to another host|run jvirt on that host, or put it into a pool there first",
            })
    void onlyTheHostItselfCan(String line, String message, String hint) {
        List<String> command = new ArrayList<>(List.of("-c", REMOTE));
        command.addAll(List.of(line.split(" ")));
        jvirt.run(command.toArray(String[]::new)).failsWith(1, message, hint);
        assertThat(there.domains()).doesNotContain("lab-x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "2|create --name lab-x --disk 1G --dir /var/tmp|a disk of another host needs a pool there|jvirt -c "
                        + REMOTE + " pool list shows them",
                "2|migrate lab-x --to kvm1|migrate reads the disks of the host it runs on, and " + REMOTE
                        + " is another one|run it there: ssh HOST jvirt migrate",
                "1|clone lab-x lab-y --reset-identity --identity-by cloud-init --start|the identity can only be reset on the"
                        + " host itself, and " + REMOTE + " is another one|run jvirt on that host",
                "2|create --name lab-x --disk 1G --machine nosuch|the machine type 'nosuch' is not known to the host: |leave"
                        + " --machine out, or give q35 or pc",
                "2|create --name lab-x --disk 1G --machine microvm|a machine of type 'microvm' has no PCI bus, by which"
                        + " libvirt attaches disks and networks|leave --machine out, or give q35 or pc",
            })
    void whatAnotherHostCannotBeAskedFor(int exit, String line, String message, String hint) {
        List<String> command = new ArrayList<>(List.of("-c", REMOTE));
        command.addAll(List.of(line.split(" ")));
        jvirt.run(command.toArray(String[]::new)).failsWith(exit, message, hint);
        assertThat(there.domains()).doesNotContain("lab-x");
    }

    @Test
    void aLogIsReadOnItsHost() {
        jvirt.run("-c", REMOTE, "create", "--name", "lab-log", "--disk", "8M").ok();
        jvirt.run("-c", REMOTE, "logs", "lab-log")
                .failsWith(
                        1,
                        "the log of domain 'lab-log' is a file on kvm2, and libvirt does not give it to others",
                        "ssh kvm2 cat /var/log/libvirt/qemu/lab-log.log");
        jvirt.run("-c", REMOTE, "delete", "lab-log", "--yes", "--purge").ok();
    }

    @Test
    void aSizeThatThePoolCannotGive() {
        LabHost.KVM2
                .sh("mkdir -p /var/lib/libvirt/elsewhere/small; mount -t tmpfs -o size=8M tmpfs"
                        + " /var/lib/libvirt/elsewhere/small; virsh -q pool-create-as labsmall dir --target"
                        + " /var/lib/libvirt/elsewhere/small")
                .ok();
        try {
            Outcome outcome = jvirt.run(
                    "-c",
                    REMOTE,
                    "create",
                    "--name",
                    "lab-big",
                    "--disk",
                    "64M,preallocation=full",
                    "--pool",
                    "labsmall");
            assertThat(outcome.exit()).as("%s", outcome).isEqualTo(1);
            assertThat(outcome.err()).contains("hint:");
            assertThat(there.domains()).doesNotContain("lab-big");
            assertThat(LabHost.KVM2
                            .exec("ls", "-A", "/var/lib/libvirt/elsewhere/small")
                            .ok()
                            .out())
                    .isEmpty();
        } finally {
            LabHost.KVM2
                    .sh("virsh -q pool-destroy labsmall; umount /var/lib/libvirt/elsewhere/small;"
                            + " rmdir /var/lib/libvirt/elsewhere/small")
                    .ok();
        }
    }
}
