// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes between this process and a host. It counts as complete only after {@link #finish}; closing it
 * before aborts, so that a failure never commits what was sent so far. One thread may send while another receives.
 */
public final class Stream extends NativeObject {
    /** The largest piece that travels in one message. */
    public static final int CHUNK_BYTES = 256 * 1024;

    private static final int DOES_NOT_BLOCK = 1;
    private static final int STOP_AT_HOLE = 1;
    private static final int AT_HOLE = -3;

    private final String what;
    private final @Nullable Host watched;
    private boolean running;
    private @Nullable StreamWatch watch;

    private Stream(Host host, String what, boolean isWatched) {
        super(check(
                NativeStream.virStreamNew(host.pointer(), isWatched ? DOES_NOT_BLOCK : 0),
                "cannot open a stream: " + what));
        this.what = what;
        this.watched = isWatched ? host : null;
    }

    /** A new blocking stream, not yet tied to anything. */
    static Stream open(Host host, String what) {
        return new Stream(host, what, false);
    }

    /** The same for what comes now and then, as from a console; see {@link StreamWatch}. */
    static Stream openWatched(Host host, String what) {
        return new Stream(host, what, true);
    }

    /** Something carries the stream now: it must be finished or aborted. */
    void begin() {
        running = true;
        Host host = watched;
        if (host == null) {
            return;
        }
        try {
            watch = StreamWatch.of(host, pointer());
        } catch (LibvirtException e) {
            close();
            throw e;
        }
    }

    /** Sends all that remains in the buffer. */
    public void send(ByteBuffer data) {
        while (data.hasRemaining()) {
            int length = Math.min(data.remaining(), CHUNK_BYTES);
            int sent = NativeStream.virStreamSend(pointer(), data.slice(), length);
            if (sent < 0) {
                throw LibvirtException.last(what + " failed");
            }
            data.position(data.position() + sent);
        }
    }

    /** Sends a hole; only where the stream was opened sparse. */
    public void sendHole(long lengthBytes) {
        check(NativeStream.virStreamSendHole(pointer(), lengthBytes, 0), what + " failed");
    }

    /**
     * Receives what there is, waiting for at least one byte.
     *
     * @return the number of bytes put into the buffer; -1 at the end; 0 at a hole, whose length {@link #receiveHole} gives
     */
    public int receive(ByteBuffer target) {
        StreamWatch own = watch;
        int received = own == null ? read(target) : own.receive(() -> read(target));
        if (received == AT_HOLE) {
            return 0;
        }
        if (received < 0) {
            throw LibvirtException.last(what + " failed");
        }
        if (received == 0) {
            return -1;
        }
        target.position(target.position() + received);
        return received;
    }

    private int read(ByteBuffer target) {
        return NativeStream.virStreamRecvFlags(pointer(), target.slice(), target.remaining(), STOP_AT_HOLE);
    }

    /** The length of the hole at which {@link #receive} stopped. */
    public long receiveHole() {
        long[] length = new long[1];
        check(NativeStream.virStreamRecvHole(pointer(), length, 0), what + " failed");
        return length[0];
    }

    /** Everything was sent or received: the other side confirms it. */
    public void finish() {
        running = false;
        check(NativeStream.virStreamFinish(pointer()), what + " failed at its end");
    }

    /** Gives up. */
    public void abort() {
        if (running) {
            abort(pointer());
        }
    }

    private void abort(Pointer open) {
        if (running) {
            running = false;
            StreamWatch own = watch;
            if (own != null) {
                own.end();
            }
            if (NativeStream.virStreamAbort(open) < 0) {
                NativeLibvirt.virResetLastError();
            }
        }
    }

    @Override
    void free(Pointer open) {
        abort(open);
        NativeStream.virStreamFree(open);
    }
}
