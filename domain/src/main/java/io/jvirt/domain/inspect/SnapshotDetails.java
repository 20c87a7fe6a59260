// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** The names of a machine's snapshots. */
final class SnapshotDetails {
    private SnapshotDetails() {}

    static List<String> of(Domain domain) {
        List<String> names = new ArrayList<>();
        try {
            for (Snapshot snapshot : Snapshot.list(domain)) {
                try (snapshot) {
                    names.add(snapshot.name());
                }
            }
        } catch (LibvirtException e) {
            // A driver without snapshots.
            return List.of();
        }
        names.sort(null);
        return names;
    }
}
