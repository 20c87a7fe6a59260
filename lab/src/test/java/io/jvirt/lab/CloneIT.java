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
    private static final String MIB_OF_CLONES = "du -cm /var/lib/libvirt/images/lab-c-* | tail -1 | cut -f1";

    private void createSource(String... more) {
        List<String> command = new ArrayList<>(
                List.of("create", "lab-src", "--image", TINY_DISK, "--disk", "10G", "--memory", "256M", "--no-start"));
        command.addAll(List.of(more));
        jvirt.run(command.toArray(String[]::new)).ok();
    }

    @Test
    void aFullCloneDiffersInIdentityAndNotInData() {
        createSource("--disk", "64M,format=raw", "--firmware", "uefi");
        // The first start makes the firmware's variables.
        jvirt.run("start", "lab-src").ok();
        jvirt.run("clone", "lab-src", "lab-copy").failsWith(4, "lab-src", "jvirt stop lab-src");
        jvirt.run("stop", "lab-src", "--force").ok();
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
        delete(clones.toArray(String[]::new));
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
        String[] clone = {"clone", "lab-src", "lab-kill", "--mode", "linked"};
        for (int n = 2; ; n += 13) {
            List<String> command = new ArrayList<>(List.of(
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=fsync,fdatasync",
                    "-e",
                    "inject=fsync,fdatasync:signal=SIGKILL:when=" + n));
            command.addAll(Jvirt.command(clone));
            boolean ended = HOST.exec(command).exit() == 0;
            if (ended) {
                break;
            }
            jvirt.run("recover", "--rollback", "--yes").ok();
            if (virsh.domains().contains("lab-kill")) {
                delete("lab-kill");
            }
            assertThat(HOST.sh("ls " + POOL).ok().lines())
                    .as("killed at sync %d", n)
                    .isEqualTo(before);
            assertThat(n).as("clone never ends").isLessThan(80);
            assertThat(HOST.sh("stat -c %A " + POOL + "lab-src.qcow2").ok().out())
                    .startsWith("-rw");
        }
        delete("lab-kill", "lab-src");
    }
}
