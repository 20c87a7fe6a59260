// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on snapshots of domains. */
final class NativeSnapshot {
    static {
        NativeLoader.register(NativeSnapshot.class);
    }

    private NativeSnapshot() {}

    static native @Nullable Pointer virDomainSnapshotCreateXML(Pointer domain, String xml, int flags);

    static native @Nullable Pointer virDomainSnapshotLookupByName(Pointer domain, String name, int flags);

    static native int virDomainListAllSnapshots(Pointer domain, long[] snapshots, int flags);

    static native @Nullable Pointer virDomainSnapshotGetName(Pointer snapshot);

    static native @Nullable Pointer virDomainSnapshotGetXMLDesc(Pointer snapshot, int flags);

    static native int virDomainSnapshotIsCurrent(Pointer snapshot, int flags);

    static native int virDomainRevertToSnapshot(Pointer snapshot, int flags);

    static native int virDomainSnapshotDelete(Pointer snapshot, int flags);

    static native int virDomainSnapshotFree(Pointer snapshot);
}
