// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;

/** A snapshot of which only the pointer is needed, to give it back. */
final class DomainSnapshotHandle extends NativeObject {
    DomainSnapshotHandle(Pointer snapshot) {
        super(snapshot);
    }

    @Override
    void free(Pointer open) {
        NativeSnapshot.virDomainSnapshotFree(open);
    }
}
