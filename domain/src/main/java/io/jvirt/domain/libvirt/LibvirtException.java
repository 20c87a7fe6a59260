// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import org.jspecify.annotations.Nullable;

/** A call of libvirt failed. Keeps libvirt's own number and words, also those that no jvirt release knows. */
public final class LibvirtException extends JvirtException {
    private static final long serialVersionUID = 1;

    // struct _virError on a 64-bit host: int code, int domain, char *message, …
    private static final int CODE_OFFSET = 0;
    private static final int DOMAIN_OFFSET = 4;
    private static final int MESSAGE_OFFSET = 8;

    private final int number;
    private final int source;
    private final String reason;

    LibvirtException(String what, int number, int source, String reason, @Nullable String hint) {
        super(
                ErrorNumber.isNotFound(number) ? Kind.NOT_FOUND : Kind.FAILED,
                what + ": " + reason,
                hint == null ? hintFor(number, reason) : hint);
        this.number = number;
        this.source = source;
        this.reason = reason;
    }

    /**
     * The error of this thread's last call.
     *
     * @param what what failed, with the name of the thing: {@code cannot start domain 'web'}
     */
    static LibvirtException last(String what) {
        return last(what, null);
    }

    static LibvirtException last(String what, @Nullable String hint) {
        Pointer error = NativeLibvirt.virGetLastError();
        if (error == null) {
            return new LibvirtException(what, 0, 0, "libvirt gave no reason", hint);
        }
        String message = NativeLoader.borrowed(error.getPointer(MESSAGE_OFFSET));
        return new LibvirtException(
                what,
                error.getInt(CODE_OFFSET),
                error.getInt(DOMAIN_OFFSET),
                message == null ? "libvirt error " + error.getInt(CODE_OFFSET) : message.strip(),
                hint);
    }

    /** The number of this thread's last error; 0 where there is none. */
    static int lastNumber() {
        Pointer error = NativeLibvirt.virGetLastError();
        return error == null ? 0 : error.getInt(CODE_OFFSET);
    }

    /** libvirt's error number ({@code virErrorNumber}). */
    public int number() {
        return number;
    }

    /** The part of libvirt that raised it ({@code virErrorDomain}). */
    public int source() {
        return source;
    }

    /** libvirt's own message. */
    public String reason() {
        return reason;
    }

    private static @Nullable String hintFor(int number, String reason) {
        return switch (number) {
            case ErrorNumber.NO_DOMAIN -> "jvirt list shows the domains";
            case ErrorNumber.NO_STORAGE_POOL -> "jvirt pool list shows the pools";
            case ErrorNumber.NO_NETWORK -> "jvirt net list shows the networks";
            case ErrorNumber.RPC, ErrorNumber.INTERNAL_ERROR ->
                reason.contains("client socket is closed") || reason.contains("keepalive")
                        ? "the connection to libvirt's daemon broke; run the command again"
                        : null;
            case ErrorNumber.ACCESS_DENIED, ErrorNumber.OPERATION_DENIED ->
                "run it as root or as a member of the group libvirt";
            case ErrorNumber.AGENT_UNRESPONSIVE -> "is qemu-guest-agent running in the guest?";
            default -> null;
        };
    }
}
