// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.OpenFile;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;

/** What is off here may run on another host that mounts the same storage, which no libvirt knows of but its own. */
final class OpenDisks {
    private OpenDisks() {}

    /** Throws REFUSED where a disk of a domain that is off, and that snapshots are about, is open. */
    static void refuse(Host host, Domain domain) {
        if (domain.isActive()) {
            return;
        }
        for (Disk disk : DomainXml.parse(domain.inactiveXml()).disks()) {
            String path = disk.sourcePath();
            if (path != null && disk.isDisk() && disk.get(Disk.READONLY) == null && disk.get(Disk.SHAREABLE) == null) {
                OpenFile.refuse(
                        host,
                        path,
                        "disk '" + disk.get(Disk.TARGET, "") + "' of domain '" + domain.name() + "' (" + path + ")",
                        "");
            }
        }
    }
}
