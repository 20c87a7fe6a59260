// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on events. An event's number decides the signature of its callback. */
final class NativeEvents {
    static {
        NativeLoader.register(NativeEvents.class);
    }

    private NativeEvents() {}

    static native int virConnectDomainEventRegisterAny(
            Pointer connection,
            @Nullable Pointer domain,
            int event,
            Callback callback,
            @Nullable Pointer opaque,
            @Nullable Pointer free);

    static native int virConnectDomainEventDeregisterAny(Pointer connection, int callback);

    static native int virConnectNetworkEventRegisterAny(
            Pointer connection,
            @Nullable Pointer network,
            int event,
            Callback callback,
            @Nullable Pointer opaque,
            @Nullable Pointer free);

    static native int virConnectNetworkEventDeregisterAny(Pointer connection, int callback);

    static native int virConnectStoragePoolEventRegisterAny(
            Pointer connection,
            @Nullable Pointer pool,
            int event,
            Callback callback,
            @Nullable Pointer opaque,
            @Nullable Pointer free);

    static native int virConnectStoragePoolEventDeregisterAny(Pointer connection, int callback);

    /** Reboot, control error; refresh of a pool. */
    interface Plain extends Callback {
        void invoke(Pointer connection, Pointer object, @Nullable Pointer opaque);
    }

    /** Watchdog, wake-up and sleep, migration iteration. */
    interface OneNumber extends Callback {
        void invoke(Pointer connection, Pointer object, int number, @Nullable Pointer opaque);
    }

    /** Clock, balloon. */
    interface OneLong extends Callback {
        void invoke(Pointer connection, Pointer object, long number, @Nullable Pointer opaque);
    }

    /** Lifecycle of domains, networks and pools; the guest agent's. */
    interface TwoNumbers extends Callback {
        void invoke(Pointer connection, Pointer object, int event, int detail, @Nullable Pointer opaque);
    }

    /** Devices that come and go. */
    interface Text extends Callback {
        void invoke(Pointer connection, Pointer object, @Nullable Pointer alias, @Nullable Pointer opaque);
    }

    /** Trays. */
    interface TextAndNumber extends Callback {
        void invoke(Pointer connection, Pointer object, @Nullable Pointer alias, int reason, @Nullable Pointer opaque);
    }

    /** Metadata. */
    interface NumberAndText extends Callback {
        void invoke(Pointer connection, Pointer object, int type, @Nullable Pointer uri, @Nullable Pointer opaque);
    }

    /** Block jobs. */
    interface BlockJob extends Callback {
        void invoke(
                Pointer connection,
                Pointer object,
                @Nullable Pointer disk,
                int type,
                int status,
                @Nullable Pointer opaque);
    }

    /** I/O errors, with their reason. */
    interface IoError extends Callback {
        void invoke(
                Pointer connection,
                Pointer object,
                @Nullable Pointer source,
                @Nullable Pointer alias,
                int action,
                @Nullable Pointer reason,
                @Nullable Pointer opaque);
    }

    /** Changed media. */
    interface DiskChange extends Callback {
        void invoke(
                Pointer connection,
                Pointer object,
                @Nullable Pointer oldSource,
                @Nullable Pointer newSource,
                @Nullable Pointer alias,
                int reason,
                @Nullable Pointer opaque);
    }
}
