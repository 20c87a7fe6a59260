// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainCheckpoint;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.libvirt.LibvirtException;
import java.util.ArrayList;
import java.util.List;

/**
 * Metadata of a snapshot or a checkpoint; its data is in the disks.
 *
 * @param isCurrent the machine's state goes back to it
 */
public record TrashedSnapshot(String xml, boolean isCurrent) {
    /** What a checkpoint's metadata starts with. */
    public static final String CHECKPOINT = "<domaincheckpoint";

    /** Those of a machine, parents before their children. */
    public static List<TrashedSnapshot> allOf(Domain domain) {
        List<TrashedSnapshot> found = new ArrayList<>();
        try {
            for (DomainSnapshot snapshot : DomainSnapshot.list(domain)) {
                try (snapshot) {
                    found.add(new TrashedSnapshot(snapshot.xml(), snapshot.isCurrent()));
                }
            }
            for (DomainCheckpoint checkpoint : DomainCheckpoint.list(domain)) {
                try (checkpoint) {
                    found.add(new TrashedSnapshot(checkpoint.xml(), false));
                }
            }
        } catch (LibvirtException e) {
            // A driver without snapshots has none.
            return found;
        }
        return found;
    }

    public boolean isCheckpoint() {
        return xml.contains(CHECKPOINT);
    }
}
