// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code doctor} on a real host: it finds what was broken, and what it says mends it. */
class DoctorIT extends OnKvm1 {
    @Test
    void itFindsWhatIsWrongAndWhatMendsIt() {
        jvirt.run("create", "lab-doc", "--disk", "64M", "--memory", "128M", "--no-start")
                .ok();
        String disk = disk("lab-doc");
        HOST.sh("qemu-img create -q -f qcow2 -b " + disk + " -F qcow2 " + POOL + "lab-over.qcow2 64M;"
                        + " qemu-img create -q -f qcow2 -o preallocation=metadata " + POOL + "lab-leak.qcow2 8M")
                .ok();
        // An L1 table of zeros: everything that it pointed at has leaked.
        HOST.sh("off=$(od -An -j40 -N8 -tu8 --endian=big " + POOL + "lab-leak.qcow2 | tr -d ' ');"
                        + " dd if=/dev/zero of=" + POOL
                        + "lab-leak.qcow2 bs=1 seek=$off count=8 conv=notrunc status=none")
                .ok();
        Outcome sick = jvirt.run("doctor");
        assertThat(sick.exit()).as("%s", sick).isEqualTo(1);
        assertThat(sick.out())
                .contains(
                        "image " + POOL + "lab-leak.qcow2: ",
                        "mend: jvirt disk check -r leaks " + POOL + "lab-leak.qcow2")
                .contains("volume 'lab-over.qcow2' of pool 'default': no domain and no image uses it");
        jvirt.run("disk", "check", "-r", "leaks", POOL + "lab-leak.qcow2").ok();
        HOST.sh("mv " + disk + " " + disk + ".away").ok();
        Outcome missing = jvirt.run("doctor");
        assertThat(missing.exit()).isEqualTo(1);
        assertThat(missing.out())
                .contains("error    domain 'lab-doc': disk vda: " + disk + " does not exist")
                .contains("image " + POOL + "lab-over.qcow2: its base " + disk + " does not exist")
                .doesNotContain("leaked");
        HOST.sh("mv " + disk + ".away " + disk).ok();
        Outcome well = jvirt.run("doctor");
        assertThat(well.out()).doesNotContain("error ").contains("note     volume 'lab-over.qcow2'");
        assertThat(jvirt.json("doctor", "--quick").at("/findings").isArray()).isTrue();
        HOST.sh("rm " + POOL + "lab-over.qcow2 " + POOL + "lab-leak.qcow2*").ok();
        delete("lab-doc");
    }

    @Test
    void whatItSaysIsRunAndTheMachineStarts() throws JsonProcessingException {
        String directory = ELSEWHERE + "closed";
        String disk = directory + "/lab-own.qcow2";
        HOST.sh("mkdir -p -m 700 " + directory + "; qemu-img create -q -f qcow2 " + disk + " 64M; chmod 600 " + disk)
                .ok();
        jvirt.run("create", "lab-own", "--import", disk, "--memory", "128M", "--no-start")
                .ok();
        HOST.sh("virsh dumpxml --inactive lab-own >" + ELSEWHERE + "own.xml; sed -i \"s|<source file='" + disk
                        + "'/>|<source file='" + disk + "'><seclabel model='dac' relabel='no'/></source>|\" "
                        + ELSEWHERE
                        + "own.xml; virsh define " + ELSEWHERE + "own.xml; rm " + ELSEWHERE + "own.xml;"
                        + " qemu-img create -q -f qcow2 -o preallocation=metadata " + POOL + "lab-leak.qcow2 8M;"
                        + " off=$(od -An -j40 -N8 -tu8 --endian=big " + POOL + "lab-leak.qcow2 | tr -d ' ');"
                        + " dd if=/dev/zero of=" + POOL
                        + "lab-leak.qcow2 bs=1 seek=$off count=8 conv=notrunc status=none; virsh net-destroy default")
                .ok();
        try {
            jvirt.run("start", "lab-own").failsWith(1, "lab-own", "net start default");
            List<String> mended = new ArrayList<>();
            String sick = jvirt.run("doctor", "-o", "json").out();
            for (JsonNode finding : new ObjectMapper().readTree(sick).at("/findings")) {
                String check = finding.path("check").asText();
                if (List.of("closed-directory", "ownership", "network-off", "image-leaks")
                        .contains(check)) {
                    mended.add(check);
                    HOST.sh("PATH=" + LabHost.CHECKOUT + ":$PATH\n"
                                    + finding.path("fix").asText())
                            .ok();
                }
            }
            assertThat(mended).containsExactlyInAnyOrder("closed-directory", "ownership", "network-off", "image-leaks");
            assertThat(jvirt.run("doctor").out()).doesNotContain("lab-own", "lab-leak.qcow2: ");
            jvirt.run("start", "lab-own").ok();
        } finally {
            HOST.sh("virsh net-start default || true").ok();
        }
        delete("lab-own");
        HOST.sh("rm -r " + directory + " " + POOL + "lab-leak.qcow2*").ok();
    }
}
