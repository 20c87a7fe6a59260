// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import org.jspecify.annotations.Nullable;

/** Has libvirt look again at a pool in which jvirt made or removed a file by itself. */
final class PoolRefresh {
    private PoolRefresh() {}

    static void of(Host host, @Nullable String name) {
        if (name == null) {
            return;
        }
        try (Pool pool = Pool.named(host, name)) {
            if (pool != null && pool.isActive()) {
                pool.refresh();
            }
        } catch (LibvirtException e) {
            // The list of volumes is old until the next refresh; the disk itself is sound and used by its path.
            return;
        }
    }
}
