// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loads libvirt's client library and binds native methods of a class to it.
 *
 * <p>Direct mapping ({@link Native#register}) costs some microseconds for each method and no proxy class, so each area
 * has a class of its own and a command pays only for those that it calls. The first of them costs more: {@link NativeLibvirt}.
 */
final class NativeLoader {
    static final String SONAME = "libvirt.so.0";
    private static final NativeLibrary LIBRARY;

    static {
        // Before the first use of JNA: names in the user's locale would lose what it cannot encode, silently.
        if (System.getProperty("jna.encoding") == null) {
            System.setProperty("jna.encoding", "UTF-8");
        }
        // A path list of our own keeps JNA from running ldconfig to find one; dlopen finds libvirt by its soname.
        if (System.getProperty("jna.platform.library.path") == null) {
            System.setProperty("jna.platform.library.path", "");
        }
        LIBRARY = NativeLibrary.getInstance(SONAME, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
    }

    private NativeLoader() {}

    static void register(Class<?> natives) {
        Native.register(natives, LIBRARY);
    }

    /** One of libvirt's functions, to be called by name or, as an address, to be handed back to libvirt. */
    static Function function(String name) {
        return LIBRARY.getFunction(name);
    }

    /** Copies a string that libvirt keeps. */
    static @Nullable String borrowed(@Nullable Pointer text) {
        return text == null ? null : text.getString(0, "UTF-8");
    }

    /** Copies a string that libvirt allocated for us and frees it. */
    static @Nullable String owned(@Nullable Pointer text) {
        if (text == null) {
            return null;
        }
        String copy = text.getString(0, "UTF-8");
        Native.free(Pointer.nativeValue(text));
        return copy;
    }

    /** Frees an array that libvirt allocated. */
    static void free(@Nullable Pointer memory) {
        if (memory != null) {
            Native.free(Pointer.nativeValue(memory));
        }
    }

    /** The pointer that a call wrote through an out parameter, or null. */
    static @Nullable Pointer out(long[] pointer) {
        return pointer[0] == 0 ? null : new Pointer(pointer[0]);
    }
}
