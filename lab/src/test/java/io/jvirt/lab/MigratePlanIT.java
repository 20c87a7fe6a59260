// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A target at which nearly everything is wrong: the plan finds each fault, at once, and leaves no trace on either host. */
class MigratePlanIT extends OnBothHosts {
    private static final String NAME = "lab-faulty";
    private static final String UUID = "5d0b8c1e-5f0e-4d7b-9a53-0d9a7c1e0001";
    private static final String MAC = "52:54:00:12:34:56";
    private static final String DIR = OnKvm1.ELSEWHERE + "lab-faulty/";

    @AfterEach
    void remove() {
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("for d in " + NAME + " lab-twin; do virsh -q undefine $d 2>/dev/null || true; done; rm -rf " + DIR
                            + " " + OnKvm1.POOL + NAME
                            + "*; virsh -q pool-start default 2>/dev/null || true; virsh -q pool-refresh default")
                    .ok();
        }
    }

    @Test
    void eachFaultIsFoundAndNothingIsChanged() {
        HERE.sh("mkdir -p " + DIR + "share; cd " + DIR + "; truncate -s 1M a.raw; truncate -s 1M " + OnKvm1.POOL + NAME
                        + ".raw; touch disc.iso vmlinuz initrd code.fd; "
                        + "printf '#!/bin/sh\\nexec qemu-system-x86_64 \"$@\"\\n' >qemu; chmod +x qemu; virsh -q pool-refresh default;"
                        + " cat >machine.xml <<'XML'\n" + machine() + "\nXML\nvirsh -q define machine.xml")
                .ok();
        THERE.sh("mkdir " + DIR + "; cd " + DIR + "; echo precious >a.raw; cat >twin.xml <<'XML'\n"
                        + other("lab-twin", "<uuid>" + UUID + "</uuid>", "")
                        + "\nXML\nvirsh -q define twin.xml; cat >name.xml <<'XML'\n"
                        + other(
                                NAME,
                                "",
                                "<interface type='network'><mac address='" + MAC
                                        + "'/><source network='default'/></interface>")
                        + "\nXML\nvirsh -q define name.xml; virsh -q pool-destroy default")
                .ok();
        String before = state(HERE) + state(THERE);
        Outcome planned = jvirt.run("-o", "json", "migrate", NAME, "--to", "kvm2", "--plan");
        assertThat(planned.exit()).as("%s", planned).isEqualTo(4);
        List<String> blockers = new ArrayList<>();
        for (JsonNode finding : Jvirt.parsed(planned).at("/migrations/0/findings")) {
            if (finding.at("/kind").asText().equalsIgnoreCase("blocker")) {
                blockers.add(finding.at("/subject").asText() + ": "
                        + finding.at("/text").asText());
            }
        }
        String[] faults = {
            "another domain '" + NAME + "'",
            "UUID already, as domain 'lab-twin'",
            "same MAC address " + MAC,
            "no network 'lab-none'",
            "no bridge lab-br9",
            "no network device lab-eth9",
            "does not have " + DIR + "disc.iso",
            "the kernel " + DIR + "vmlinuz",
            "the initrd " + DIR + "initrd",
            "no firmware " + DIR + "code.fd",
            "a device of this host is passed through",
            "does not have the secret",
            "no directory " + DIR + "share",
            "no emulator " + DIR + "qemu",
            "another file " + DIR + "a.raw already",
            "pool 'default' on the target is not active",
        };
        for (String fault : faults) {
            assertThat(blockers).as(fault).anyMatch(text -> text.contains(fault));
        }
        assertThat(blockers).hasSize(faults.length);
        Outcome refused = jvirt.run("migrate", NAME, "--to", "kvm2", "--yes");
        assertThat(refused.exit()).isEqualTo(4);
        for (String fault : faults) {
            assertThat(refused.err()).contains(fault);
        }
        assertThat(state(HERE) + state(THERE)).isEqualTo(before);
    }

    private static String machine() {
        return "<domain type='qemu'><name>" + NAME + "</name><uuid>" + UUID + "</uuid><memory>65536</memory><os>"
                + "<type arch='x86_64' machine='q35'>hvm</type><loader readonly='yes' type='rom'>" + DIR
                + "code.fd</loader><kernel>" + DIR + "vmlinuz</kernel><initrd>" + DIR + "initrd</initrd></os><devices>"
                + "<emulator>" + DIR + "qemu</emulator>"
                + "<disk type='file'><driver name='qemu' type='raw'/><source file='" + OnKvm1.POOL + NAME
                + ".raw'><encryption format='luks'><secret type='passphrase' uuid='" + UUID
                + "'/></encryption></source><target dev='vda' bus='virtio'/></disk>"
                + "<disk type='file'><driver name='qemu' type='raw'/><source file='" + DIR
                + "a.raw'/><target dev='vdb' bus='virtio'/></disk>"
                + "<disk type='file' device='cdrom'><source file='" + DIR
                + "disc.iso'/><target dev='sda' bus='sata'/></disk>"
                + "<interface type='network'><mac address='" + MAC + "'/><source network='lab-none'/></interface>"
                + "<interface type='bridge'><source bridge='lab-br9'/></interface>"
                + "<interface type='direct'><source dev='lab-eth9' mode='bridge'/></interface>"
                + "<filesystem type='mount'><source dir='" + DIR + "share'/><target dir='share'/></filesystem>"
                + "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='7' slot='3'"
                + " function='1'/></source></hostdev></devices></domain>";
    }

    private static String other(String name, String uuid, String devices) {
        return "<domain type='qemu'><name>" + name + "</name>" + uuid
                + "<memory>65536</memory><os><type arch='x86_64'>hvm</type></os><devices>" + devices
                + "</devices></domain>";
    }

    /** Everything that a migration could touch, contents included. */
    private static String state(LabHost host) {
        return host.sh(
                        "virsh -q list --all; for d in $(virsh -q list --all --name); do virsh dumpxml --inactive $d; done;"
                                + " virsh -q pool-list --all; virsh -q net-list --all; find /var/lib/libvirt /etc/libvirt"
                                + " /var/lib/jvirt ! -type d ! -name '*.sock' ! -name '.lock' -exec ls -ln --time-style=+%s {} +;"
                                + " find /var/lib/libvirt/images /var/lib/libvirt/elsewhere -type f -exec sha256sum {} +")
                .ok()
                .out();
    }
}
