// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * libvirt's functions on connections and its event loop, and those on domains that {@code list}, {@code info} and
 * {@code start} call: the start-up path. Out parameters of pointers are {@code long[1]}: jvirt runs on 64-bit hosts only.
 *
 * <p>They are called by name. A call takes some microseconds more than one that is mapped directly, as the other classes
 * have it; but the first class that is mapped makes JNA describe its types to itself, which takes over 10 ms, all of
 * what a short command may cost.
 */
final class NativeLibvirt {
    /** Looked up once: a list of domains calls it for each. */
    private static @Nullable Function getName;

    private NativeLibvirt() {}

    static void virSetErrorFunc(@Nullable Pointer userData, @Nullable Pointer function) {
        NativeLoader.function("virSetErrorFunc").invokeVoid(arguments(userData, function));
    }

    static @Nullable Pointer virGetLastError() {
        return pointer("virGetLastError");
    }

    static void virResetLastError() {
        NativeLoader.function("virResetLastError").invokeVoid(arguments());
    }

    static int virEventRegisterDefaultImpl() {
        return number("virEventRegisterDefaultImpl");
    }

    static int virEventRunDefaultImpl() {
        return number("virEventRunDefaultImpl");
    }

    static int virEventAddTimeout(
            int milliseconds, Pointer function, @Nullable Pointer opaque, @Nullable Pointer free) {
        return number("virEventAddTimeout", milliseconds, function, opaque, free);
    }

    static @Nullable Pointer virConnectOpen(String uri) {
        return pointer("virConnectOpen", uri);
    }

    static int virConnectClose(Pointer connection) {
        return number("virConnectClose", connection);
    }

    static int virConnectSetKeepAlive(Pointer connection, int intervalSeconds, int count) {
        return number("virConnectSetKeepAlive", connection, intervalSeconds, count);
    }

    static @Nullable Pointer virConnectGetURI(Pointer connection) {
        return pointer("virConnectGetURI", connection);
    }

    static int virConnectListAllDomains(Pointer connection, long[] domains, int flags) {
        return number("virConnectListAllDomains", connection, domains, flags);
    }

    static int virConnectGetAllDomainStats(Pointer connection, int stats, long[] records, int flags) {
        return number("virConnectGetAllDomainStats", connection, stats, records, flags);
    }

    static void virDomainStatsRecordListFree(Pointer records) {
        NativeLoader.function("virDomainStatsRecordListFree").invokeVoid(arguments(records));
    }

    static @Nullable Pointer virDomainLookupByName(Pointer connection, String name) {
        return pointer("virDomainLookupByName", connection, name);
    }

    static @Nullable Pointer virDomainLookupByUUIDString(Pointer connection, String uuid) {
        return pointer("virDomainLookupByUUIDString", connection, uuid);
    }

    static @Nullable Pointer virDomainLookupByID(Pointer connection, int id) {
        return pointer("virDomainLookupByID", connection, id);
    }

    static int virDomainFree(Pointer domain) {
        return number("virDomainFree", domain);
    }

    static @Nullable Pointer virDomainGetName(Pointer domain) {
        Function function = getName;
        if (function == null) {
            function = NativeLoader.function("virDomainGetName");
            getName = function;
        }
        return function.invokePointer(arguments(domain));
    }

    static int virDomainGetUUIDString(Pointer domain, byte[] uuid) {
        return number("virDomainGetUUIDString", domain, uuid);
    }

    static int virDomainGetID(Pointer domain) {
        return number("virDomainGetID", domain);
    }

    static int virDomainGetState(Pointer domain, int[] state, int[] reason, int flags) {
        return number("virDomainGetState", domain, state, reason, flags);
    }

    static int virDomainIsPersistent(Pointer domain) {
        return number("virDomainIsPersistent", domain);
    }

    static int virDomainGetAutostart(Pointer domain, int[] autostart) {
        return number("virDomainGetAutostart", domain, autostart);
    }

    static @Nullable Pointer virDomainGetXMLDesc(Pointer domain, int flags) {
        return pointer("virDomainGetXMLDesc", domain, flags);
    }

    static int virDomainCreateWithFlags(Pointer domain, int flags) {
        return number("virDomainCreateWithFlags", domain, flags);
    }

    private static int number(String function, @Nullable Object... arguments) {
        return NativeLoader.function(function).invokeInt(arguments);
    }

    private static @Nullable Pointer pointer(String function, @Nullable Object... arguments) {
        return NativeLoader.function(function).invokePointer(arguments);
    }

    private static @Nullable Object[] arguments(@Nullable Object... arguments) {
        return arguments;
    }
}
