// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.xml.device.Disk;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a disk of a definition is stored. */
public final class DomainDisk {
    private DomainDisk() {}

    /** Its file or device, also where the definition names a volume of a pool; null where there is none. */
    public static @Nullable String pathOf(Host host, Disk disk) {
        String path = disk.sourcePath();
        String poolName = disk.get(Disk.SOURCE_POOL);
        String volumeName = disk.get(Disk.SOURCE_VOLUME);
        if (path != null || poolName == null || volumeName == null) {
            return path;
        }
        try {
            return PoolReading.of(host, poolName, pool -> Optional.ofNullable(path(pool, volumeName)))
                    .orElse(null);
        } catch (JvirtException e) {
            if (e.kind() == JvirtException.Kind.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    /** As {@link #pathOf}; null also where the volume's pool does not answer, which a look at all pools finds by itself. */
    static @Nullable String pathIfKnown(Host host, Disk disk) {
        try {
            return pathOf(host, disk);
        } catch (LibvirtException e) {
            throw e;
        } catch (JvirtException e) {
            return null;
        }
    }

    private static @Nullable String path(Pool pool, String volumeName) {
        if (!pool.isActive()) {
            return null;
        }
        try (Volume volume = pool.volume(volumeName)) {
            return volume == null ? null : volume.path();
        }
    }
}
