// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.pool.PoolCreation.Wishes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said where libvirt cannot make a pool. */
class PoolCreationTest {
    private static PoolRequest of(PoolType type) {
        return new PoolRequest("data", type, "/data", "nas", "/export", List.of("/dev/sdx"), "vg", null);
    }

    private static String hint(PoolType type, boolean isBuilt) {
        return PoolCreation.hint(
                "internal error", of(type), new Wishes(isBuilt ? Pool.Build.NEW : Pool.Build.PLAIN, true, true));
    }

    @Test
    void aProgramThatTheHostLacks() {
        assertThat(PoolCreation.hint(
                        "Cannot find 'parted' in path: No such file or directory",
                        of(PoolType.DISK),
                        new Wishes(Pool.Build.NEW, true, true)))
                .isEqualTo("the host lacks that program: install its package (parted, lvm2, nfs-common)");
    }

    @Test
    void eachTypeHasItsOwnQuestion() {
        assertThat(hint(PoolType.DIR, false)).isNull();
        assertThat(hint(PoolType.NETFS, false)).isEqualTo("does nas export /export? Try: showmount -e nas");
        assertThat(hint(PoolType.FS, false))
                .isEqualTo("is there a file system on /dev/sdx? --build makes one where there is none");
        assertThat(hint(PoolType.FS, true))
                .isEqualTo("what is on /dev/sdx? wipefs lists it; --overwrite makes a new file system over it");
        assertThat(hint(PoolType.LOGICAL, false))
                .isEqualTo("does the volume group vg exist? --source-dev DEV --build makes one");
        assertThat(hint(PoolType.LOGICAL, true)).isEqualTo("vgs and pvs show what there is");
        assertThat(hint(PoolType.DISK, false)).isEqualTo("has /dev/sdx a label? --build makes one where there is none");
        assertThat(hint(PoolType.DISK, true))
                .isEqualTo("what is on /dev/sdx? wipefs lists it; --overwrite makes a new label over it");
    }
}
