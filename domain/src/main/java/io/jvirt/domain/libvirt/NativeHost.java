// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on the host behind a connection. */
final class NativeHost {
    static {
        NativeLoader.register(NativeHost.class);
    }

    private NativeHost() {}

    static native int virConnectIsAlive(Pointer connection);

    static native @Nullable Pointer virConnectGetType(Pointer connection);

    static native int virGetVersion(long[] libraryVersion, @Nullable String type, @Nullable Pointer typeVersion);

    static native int virConnectGetVersion(Pointer connection, long[] version);

    static native int virConnectGetLibVersion(Pointer connection, long[] version);

    static native @Nullable Pointer virConnectGetHostname(Pointer connection);

    static native @Nullable Pointer virConnectGetCapabilities(Pointer connection);

    static native @Nullable Pointer virConnectGetDomainCapabilities(
            Pointer connection,
            @Nullable String emulator,
            @Nullable String arch,
            @Nullable String machine,
            @Nullable String virtType,
            int flags);

    static native int virNodeGetInfo(Pointer connection, Pointer info);

    static native long virNodeGetFreeMemory(Pointer connection);

    static native int virConnectCompareHypervisorCPU(
            Pointer connection,
            @Nullable String emulator,
            @Nullable String arch,
            @Nullable String machine,
            @Nullable String virtType,
            String cpuXml,
            int flags);
}
