// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on networks. */
final class NativeNetwork {
    static {
        NativeLoader.register(NativeNetwork.class);
    }

    private NativeNetwork() {}

    static native int virConnectListAllNetworks(Pointer connection, long[] networks, int flags);

    static native @Nullable Pointer virNetworkLookupByName(Pointer connection, String name);

    static native @Nullable Pointer virNetworkLookupByUUIDString(Pointer connection, String uuid);

    static native int virNetworkUpdate(
            Pointer network, int command, int section, int parentIndex, String xml, int flags);

    static native @Nullable Pointer virNetworkDefineXML(Pointer connection, String xml);

    static native int virNetworkFree(Pointer network);

    static native @Nullable Pointer virNetworkGetName(Pointer network);

    static native int virNetworkGetUUIDString(Pointer network, byte[] uuid);

    static native int virNetworkIsActive(Pointer network);

    static native int virNetworkIsPersistent(Pointer network);

    static native int virNetworkGetAutostart(Pointer network, int[] autostart);

    static native int virNetworkSetAutostart(Pointer network, int autostart);

    static native @Nullable Pointer virNetworkGetBridgeName(Pointer network);

    static native @Nullable Pointer virNetworkGetXMLDesc(Pointer network, int flags);

    static native int virNetworkCreate(Pointer network);

    static native int virNetworkDestroy(Pointer network);

    static native int virNetworkUndefine(Pointer network);

    static native int virNetworkGetDHCPLeases(Pointer network, @Nullable String mac, long[] leases, int flags);

    static native void virNetworkDHCPLeaseFree(Pointer lease);
}
