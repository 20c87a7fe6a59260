// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on the host's devices and secrets. */
final class NativeNode {
    static {
        NativeLoader.register(NativeNode.class);
    }

    private NativeNode() {}

    static native int virConnectListAllNodeDevices(Pointer connection, long[] devices, int flags);

    static native @Nullable Pointer virNodeDeviceGetName(Pointer device);

    static native @Nullable Pointer virNodeDeviceGetXMLDesc(Pointer device, int flags);

    static native int virNodeDeviceFree(Pointer device);

    static native @Nullable Pointer virInterfaceLookupByName(Pointer connection, String name);

    static native int virInterfaceFree(Pointer networkInterface);

    static native @Nullable Pointer virSecretLookupByUUIDString(Pointer connection, String uuid);

    static native int virSecretFree(Pointer secret);
}
