// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on checkpoints of domains. */
final class NativeCheckpoint {
    static {
        NativeLoader.register(NativeCheckpoint.class);
    }

    private NativeCheckpoint() {}

    static native @Nullable Pointer virDomainCheckpointCreateXML(Pointer domain, String xml, int flags);

    static native @Nullable Pointer virDomainCheckpointGetName(Pointer checkpoint);

    static native @Nullable Pointer virDomainCheckpointGetXMLDesc(Pointer checkpoint, int flags);

    static native int virDomainCheckpointFree(Pointer checkpoint);
}
