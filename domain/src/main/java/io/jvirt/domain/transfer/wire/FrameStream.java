// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.storage.file.PageBuffer;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Frames over two streams. One thread reads, any thread writes. */
final class FrameStream implements Closeable {
    private static final int MOST_NOISE_BYTES = 64 << 10;
    private static final int HEADER_BYTES = Integer.BYTES + 1;

    private final ReadableByteChannel in;
    private final WritableByteChannel channel;
    private final OutputStream out;
    private final ByteBuffer head = ByteBuffer.allocate(HEADER_BYTES);
    /** Outside of the heap, from where and to where files are written and read without another copy. */
    private @Nullable ByteBuffer data;

    FrameStream(InputStream in, OutputStream out) {
        this(in, out, Channels.newChannel(out));
    }

    /** @param channel into which all is written; it ends where {@code out} does */
    FrameStream(InputStream in, OutputStream out, WritableByteChannel channel) {
        this.in = Channels.newChannel(in);
        this.out = out;
        this.channel = channel;
    }

    void sendMagic() throws IOException {
        write(ByteBuffer.wrap(Frame.MAGIC));
    }

    /** Passes over what a shell may have printed before; false where the stream ends first. */
    boolean skipToMagic() throws IOException {
        int matched = 0;
        for (int i = 0; i < MOST_NOISE_BYTES; i++) {
            ByteBuffer one = head.clear().limit(1);
            if (fill(one) == 0) {
                return false;
            }
            byte next = one.get(0);
            matched = next == Frame.MAGIC[matched] ? matched + 1 : next == Frame.MAGIC[0] ? 1 : 0;
            if (matched == Frame.MAGIC.length) {
                return true;
            }
        }
        return false;
    }

    /** A frame whose body is some fields, up to their position, and then some bytes. */
    void send(byte type, ByteBuffer fields, ByteBuffer bytes) throws IOException {
        int fieldBytes = fields.position();
        ByteBuffer start = ByteBuffer.allocate(HEADER_BYTES + fieldBytes)
                .putInt(1 + fieldBytes + bytes.remaining())
                .put(type)
                .put(fields.flip())
                .flip();
        write(start, bytes);
    }

    /** A frame of fields alone. */
    void send(byte type, ByteBuffer fields) throws IOException {
        send(type, fields, ByteBuffer.allocate(0));
    }

    private void write(ByteBuffer... parts) throws IOException {
        synchronized (out) {
            if (channel instanceof GatheringByteChannel gathering) {
                while (parts[parts.length - 1].hasRemaining() || parts[0].hasRemaining()) {
                    gathering.write(parts);
                }
                return;
            }
            for (ByteBuffer part : parts) {
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            }
            out.flush();
        }
    }

    void sendLongs(byte type, long... values) throws IOException {
        ByteBuffer fields = ByteBuffer.allocate(values.length * Long.BYTES);
        for (long value : values) {
            fields.putLong(value);
        }
        send(type, fields);
    }

    void sendText(byte type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, Frame.MOST_DATA_BYTES);
        send(type, ByteBuffer.allocate(0), ByteBuffer.wrap(bytes, 0, length));
    }

    /** The next frame; null where the stream ended between two of them. The body of one with data holds until the next. */
    @Nullable
    Frame receive() throws IOException {
        int got = fill(head.clear());
        if (got == 0) {
            return null;
        }
        if (got < HEADER_BYTES) {
            throw new EOFException("the connection ended inside a frame");
        }
        int length = head.flip().getInt() - 1;
        byte type = head.get();
        if (length < 0 || length > Frame.MOST_BYTES) {
            throw new IOException("a frame of " + length + " bytes of type " + type + " is not of this protocol");
        }
        ByteBuffer body = type == Frame.DATA ? data().clear().limit(length) : ByteBuffer.allocate(length);
        if (fill(body) < length) {
            throw new EOFException("the connection ended inside a frame");
        }
        return new Frame(type, body.flip());
    }

    private ByteBuffer data() {
        ByteBuffer made = data;
        if (made == null) {
            made = PageBuffer.allocate(Frame.MOST_BYTES);
            data = made;
        }
        return made;
    }

    /** Until it is full or the stream ends; answers how many bytes came. */
    private int fill(ByteBuffer target) throws IOException {
        int before = target.position();
        while (target.hasRemaining() && in.read(target) >= 0) {
            continue;
        }
        return target.position() - before;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
