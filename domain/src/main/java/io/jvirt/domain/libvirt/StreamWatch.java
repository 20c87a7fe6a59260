// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for what a stream that does not block has to say. libvirt's own waiting, in a blocking stream, misses what the event
 * loop takes off the wire between two reads, until more comes: the last word of a guest, such as a prompt, was not heard.
 */
final class StreamWatch implements NativeStream.Event {
    private static final int READABLE = 1;
    private static final int NOTHING_YET = -2;
    /** How soon the end of a connection is seen, which not every libvirt reports to its streams. */
    private static final long LIVENESS_MILLIS = 1000;

    private final Host host;
    private final Pointer stream;
    private boolean isReadable;
    private boolean isOver;

    private StreamWatch(Host host, Pointer stream) {
        this.host = host;
        this.stream = stream;
    }

    /** Watches a stream that is tied to a console or channel of a host with an event loop. */
    static StreamWatch of(Host host, Pointer stream) {
        StreamWatch watch = new StreamWatch(host, stream);
        NativeObject.check(
                NativeStream.virStreamEventAddCallback(stream, READABLE, watch, null, null), "cannot watch a stream");
        return watch;
    }

    /**
     * Reads, and waits while there is nothing.
     *
     * @param read a read of libvirt that does not block
     * @return what the read returned; 0 once the stream or the connection is over
     */
    synchronized int receive(IntSupplier read) {
        while (!isOver) {
            int received = read.getAsInt();
            if (received != NOTHING_YET) {
                return received;
            }
            isReadable = false;
            NativeObject.check(NativeStream.virStreamEventUpdateCallback(stream, READABLE), "cannot watch a stream");
            awaitReadable();
        }
        return 0;
    }

    private void awaitReadable() {
        try {
            while (!isReadable && !isOver) {
                wait(LIVENESS_MILLIS);
                isOver |= !isReadable && !host.isAlive();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isOver = true;
        }
    }

    /** On libvirt's event thread, again and again until it is told to stop: until the next read finds nothing. */
    @Override
    public synchronized void invoke(Pointer readable, int events, @Nullable Pointer opaque) {
        if (!isOver) {
            if (NativeStream.virStreamEventUpdateCallback(stream, 0) < 0) {
                NativeLibvirt.virResetLastError();
            }
            isReadable = true;
            notifyAll();
        }
    }

    /** To be called before the stream is aborted: nobody reads it or is told of it any more. */
    synchronized void end() {
        if (NativeStream.virStreamEventRemoveCallback(stream) < 0) {
            NativeLibvirt.virResetLastError();
        }
        isOver = true;
        notifyAll();
    }
}
