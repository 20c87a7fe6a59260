// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on streams. Sizes are {@code size_t} and {@code long long}: 64 bits. */
final class NativeStream {
    static {
        NativeLoader.register(NativeStream.class);
    }

    private NativeStream() {}

    static native @Nullable Pointer virStreamNew(Pointer connection, int flags);

    static native int virStreamSend(Pointer stream, ByteBuffer data, long lengthBytes);

    static native int virStreamSendHole(Pointer stream, long lengthBytes, int flags);

    static native int virStreamRecvFlags(Pointer stream, ByteBuffer data, long lengthBytes, int flags);

    static native int virStreamRecvHole(Pointer stream, long[] lengthBytes, int flags);

    /** What is to be called when a stream can be read. */
    interface Event extends Callback {
        void invoke(Pointer stream, int events, @Nullable Pointer opaque);
    }

    static native int virStreamEventAddCallback(
            Pointer stream, int events, Event callback, @Nullable Pointer opaque, @Nullable Pointer free);

    static native int virStreamEventUpdateCallback(Pointer stream, int events);

    static native int virStreamEventRemoveCallback(Pointer stream);

    static native int virStreamFinish(Pointer stream);

    static native int virStreamAbort(Pointer stream);

    static native int virStreamFree(Pointer stream);
}
