// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * libvirt's functions on connections, and those on domains that {@code list}, {@code info} and {@code start} call: the
 * start-up path. Out parameters of pointers are {@code long[1]}: jvirt runs on 64-bit hosts only.
 */
final class NativeLibvirt {
    static {
        NativeLoader.register(NativeLibvirt.class);
    }

    private NativeLibvirt() {}

    static native int virInitialize();

    static native void virSetErrorFunc(@Nullable Pointer userData, @Nullable Pointer function);

    static native @Nullable Pointer virGetLastError();

    static native void virResetLastError();

    static native @Nullable Pointer virConnectOpen(String uri);

    static native @Nullable Pointer virConnectOpenAuth(String uri, Pointer auth, int flags);

    static native int virConnectClose(Pointer connection);

    static native @Nullable Pointer virConnectGetURI(Pointer connection);

    static native int virConnectListAllDomains(Pointer connection, long @Nullable [] domains, int flags);

    static native int virConnectGetAllDomainStats(Pointer connection, int stats, long[] records, int flags);

    static native void virDomainStatsRecordListFree(Pointer records);

    static native @Nullable Pointer virDomainLookupByName(Pointer connection, String name);

    static native @Nullable Pointer virDomainLookupByUUIDString(Pointer connection, String uuid);

    static native @Nullable Pointer virDomainLookupByID(Pointer connection, int id);

    static native int virDomainFree(Pointer domain);

    static native @Nullable Pointer virDomainGetName(Pointer domain);

    static native int virDomainGetUUIDString(Pointer domain, byte[] uuid);

    static native int virDomainGetID(Pointer domain);

    static native int virDomainGetState(Pointer domain, int[] state, int[] reason, int flags);

    static native int virDomainIsPersistent(Pointer domain);

    static native int virDomainGetAutostart(Pointer domain, int[] autostart);

    static native @Nullable Pointer virDomainGetXMLDesc(Pointer domain, int flags);

    static native int virDomainCreateWithFlags(Pointer domain, int flags);
}
