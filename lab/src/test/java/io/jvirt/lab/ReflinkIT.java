// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code disk convert} on a file system that can share blocks. */
class ReflinkIT extends OnKvm1 {
    private static final String DIRECTORY = ELSEWHERE + "xfs/";
    private static final long SOURCE_BYTES = 300_000_513;

    @BeforeEach
    void makeFileSystem() {
        HOST.sh("set -e; cd " + ELSEWHERE
                        + "; truncate -s 1G xfs.img; mkfs.xfs -q xfs.img; mkdir xfs; mount -o loop xfs.img xfs;"
                        + " cd xfs; head -c 40M /dev/urandom > source.raw; truncate -s 200M source.raw;"
                        + " head -c 9M /dev/urandom >> source.raw; truncate -s " + SOURCE_BYTES
                        + " source.raw; printf end | dd of=source.raw bs=1 seek=" + (SOURCE_BYTES - 3)
                        + " conv=notrunc status=none; sync")
                .ok();
    }

    @AfterEach
    void removeFileSystem() {
        HOST.sh("cd " + ELSEWHERE + "; umount xfs; rmdir xfs; rm xfs.img").ok();
    }

    @ParameterizedTest
    @CsvSource({"qcow2, cluster_size=64k", "qcow2, 'cluster_size=2M,extended_l2=on'", "raw, ''"})
    void theCopySharesWhatIsStoredAsItIs(String format, String options) {
        String[] convert = {"disk", "convert", "-O", format, DIRECTORY + "source.raw", DIRECTORY + "copy"};
        if (!options.isEmpty()) {
            convert = new String[] {
                "disk", "convert", "-O", format, "-o", options, DIRECTORY + "source.raw", DIRECTORY + "copy"
            };
        }
        jvirt.run(convert).ok();
        qemuImg.assertEqual(DIRECTORY + "source.raw", DIRECTORY + "copy");
        assertThat(sharedMebibytes("copy")).isBetween(46L, 50L);
        // And back: whatever format stores the clusters.
        jvirt.run("disk", "convert", "-O", "raw", DIRECTORY + "copy", DIRECTORY + "back")
                .ok();
        HOST.sh("cmp -n " + SOURCE_BYTES + " " + DIRECTORY + "source.raw " + DIRECTORY + "back")
                .ok();
        assertThat(sharedMebibytes("back")).isBetween(46L, 50L);
        // A write to the copy is the copy's own.
        HOST.sh("qemu-io -f " + format + " -c 'write -P 7 0 64k' " + DIRECTORY + "copy; cmp -n " + SOURCE_BYTES + " "
                        + DIRECTORY + "source.raw " + DIRECTORY + "back")
                .ok();
        jvirt.run("disk", "convert", "--reflink", "never", DIRECTORY + "source.raw", DIRECTORY + "own")
                .ok();
        assertThat(sharedMebibytes("own")).isZero();
    }

    private long sharedMebibytes(String file) {
        String blocks = HOST.sh("filefrag -v " + DIRECTORY + file
                        + " | awk '/shared/ {sub(\":\", \"\", $6); n += $6} END {print n + 0}'")
                .ok()
                .out()
                .strip();
        return Long.parseLong(blocks) * 4096 >> 20;
    }
}
