// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.BlockSize;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.libvirt.VolumeSize;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import org.jspecify.annotations.Nullable;

/** How large a domain's disk is. libvirt looks at a volume that is named by its pool only once the domain runs. */
final class DiskSize {
    private DiskSize() {}

    /** Null where there is no such volume. */
    static @Nullable BlockSize of(Host host, Domain domain, boolean active, Disk disk) {
        XmlElement source = disk.element().element("source");
        String pool = source == null ? null : source.attribute("pool");
        String volume = source == null ? null : source.attribute("volume");
        return active || pool == null || volume == null
                ? domain.blockSize(disk.get(Disk.TARGET, ""))
                : ofVolume(host, pool, volume);
    }

    private static @Nullable BlockSize ofVolume(Host host, String poolName, String volumeName) {
        try (Pool pool = Pool.find(host, poolName);
                Volume volume = pool.volume(volumeName)) {
            if (volume == null) {
                return null;
            }
            VolumeSize size = volume.size();
            return new BlockSize(size.capacityBytes(), size.allocationBytes(), size.physicalBytes());
        }
    }
}
