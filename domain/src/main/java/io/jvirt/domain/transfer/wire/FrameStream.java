// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Frames over two streams. One thread reads, any thread writes. */
final class FrameStream {
    private static final int MOST_NOISE_BYTES = 64 << 10;
    private static final int HEADER_BYTES = Integer.BYTES + 1;

    private final InputStream in;
    private final OutputStream out;
    private final byte[] data = new byte[Frame.MOST_BYTES];

    FrameStream(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    void sendMagic() throws IOException {
        out.write(Frame.MAGIC);
        out.flush();
    }

    /** Passes over what a shell may have printed before; false where the stream ends first. */
    boolean skipToMagic() throws IOException {
        int matched = 0;
        for (int i = 0; i < MOST_NOISE_BYTES; i++) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            matched = next == Frame.MAGIC[matched] ? matched + 1 : next == Frame.MAGIC[0] ? 1 : 0;
            if (matched == Frame.MAGIC.length) {
                return true;
            }
        }
        return false;
    }

    /** A frame whose body is some fields and then some bytes. */
    void send(byte type, ByteBuffer fields, byte[] bytes, int from, int length) throws IOException {
        int fieldBytes = fields.position();
        byte[] head = new byte[HEADER_BYTES + fieldBytes];
        ByteBuffer.wrap(head).putInt(1 + fieldBytes + length).put(type).put(fields.flip());
        synchronized (out) {
            out.write(head);
            out.write(bytes, from, length);
            out.flush();
        }
    }

    /** A frame of fields alone. */
    void send(byte type, ByteBuffer fields) throws IOException {
        send(type, fields, new byte[0], 0, 0);
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
        send(type, ByteBuffer.allocate(0), bytes, 0, Math.min(bytes.length, Frame.MOST_DATA_BYTES));
    }

    /** The next frame; null where the stream ended between two of them. The body of one with data holds until the next. */
    @Nullable
    Frame receive() throws IOException {
        byte[] head = new byte[HEADER_BYTES];
        int got = in.readNBytes(head, 0, HEADER_BYTES);
        if (got == 0) {
            return null;
        }
        if (got < HEADER_BYTES) {
            throw new EOFException("the connection ended inside a frame");
        }
        ByteBuffer header = ByteBuffer.wrap(head);
        int length = header.getInt() - 1;
        byte type = header.get();
        if (length < 0 || length > Frame.MOST_BYTES) {
            throw new IOException("a frame of " + length + " bytes of type " + type + " is not of this protocol");
        }
        byte[] body = type == Frame.DATA ? data : new byte[length];
        if (in.readNBytes(body, 0, length) < length) {
            throw new EOFException("the connection ended inside a frame");
        }
        return new Frame(type, ByteBuffer.wrap(body, 0, length));
    }
}
