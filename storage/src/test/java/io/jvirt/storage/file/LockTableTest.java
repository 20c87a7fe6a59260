// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockTableTest {
    private static final String MOUNTS = """
            22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            23 22 0:21 / /proc rw shared:5 master:1 - proc proc rw
            40 22 0:57 / /mnt/vm rw,relatime - fuse.glusterfs kvm2:vm rw
            41 22 0:58 / /srv rw,relatime - nfs4 nas:/srv rw,vers=4.2
            42 22 259:70000 / /data rw - xfs /dev/nvme0n1p1 rw
            """;

    @Test
    void anotherHostsLocksAreNotInIt() {
        assertThat(LockTable.isComplete(MOUNTS, device(254, 0))).isTrue();
        assertThat(LockTable.isComplete(MOUNTS, device(259, 70000))).isTrue();
        assertThat(LockTable.isComplete(MOUNTS, device(0, 57))).as("FUSE").isFalse();
        assertThat(LockTable.isComplete(MOUNTS, device(0, 58))).as("NFS").isFalse();
        assertThat(LockTable.isComplete(MOUNTS, device(25, 4)))
                .as("not mounted here")
                .isFalse();
        assertThat(LockTable.isComplete("", device(254, 0))).isFalse();
    }

    @Test
    void aLockIsSeen(@TempDir Path directory) throws IOException {
        Path image = Files.write(directory.resolve("image.raw"), new byte[4096]);
        try (HostFile user = HostFile.open(image, true)) {
            user.lock(LockRequest.WRITE_FORMAT);
            assertThat(LockTable.mayBeLocked(image)).isTrue();
        }
    }

    private static long device(long major, long minor) {
        return minor & 0xff | major << 8 | (minor & 0xfff00) << 12;
    }
}
