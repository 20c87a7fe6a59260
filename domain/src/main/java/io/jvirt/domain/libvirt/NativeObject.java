// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An object of libvirt that is counted and must be given back: closed explicitly, never by a finalizer. */
abstract class NativeObject implements AutoCloseable {
    private @Nullable Pointer pointer;
    private boolean isLeftOpen;

    NativeObject(Pointer pointer) {
        this.pointer = pointer;
    }

    /** The native address. Using a closed object is a defect of the caller, caught before libvirt would crash. */
    final synchronized Pointer pointer() {
        Pointer open = pointer;
        if (open == null) {
            throw new IllegalStateException(getClass().getSimpleName() + " is closed");
        }
        return open;
    }

    /** Closing it no longer gives it back: a call that was given up still uses it, and giving back would wait for that call. */
    public synchronized void leaveOpen() {
        isLeftOpen = true;
    }

    /** Another object takes the place of the one that was left open. */
    final synchronized void replace(Pointer other) {
        pointer = other;
        isLeftOpen = false;
    }

    /** Gives the object back; a second call does nothing. */
    @Override
    public final void close() {
        Pointer open;
        synchronized (this) {
            open = isLeftOpen ? null : pointer;
            pointer = null;
        }
        if (open != null) {
            free(open);
        }
    }

    abstract void free(Pointer open);

    /** Throws libvirt's reason where a call returned a negative number. */
    static int check(int result, String what) {
        if (result < 0) {
            throw LibvirtException.last(what);
        }
        return result;
    }

    /** Throws libvirt's reason where a call returned nothing. */
    static Pointer check(@Nullable Pointer result, String what) {
        if (result == null) {
            throw LibvirtException.last(what);
        }
        return result;
    }

    /** Copies a text that libvirt allocated; throws libvirt's reason where there is none. */
    static String text(@Nullable Pointer result, String what) {
        String text = NativeLoader.owned(result);
        if (text == null) {
            throw LibvirtException.last(what);
        }
        return text;
    }

    /** A UUID that a call wrote as 36 characters and a NUL. */
    static String uuid(byte[] text) {
        return new String(text, 0, 36, StandardCharsets.US_ASCII);
    }
}
