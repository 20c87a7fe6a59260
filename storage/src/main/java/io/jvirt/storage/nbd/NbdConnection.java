// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One connection after its handshake. Requests of any thread go out as they come; one thread takes the replies. */
final class NbdConnection implements Closeable {
    private static final int MAX_STATUS_BYTES = 4 << 20;

    private final NbdAddress address;
    private final ByteChannel channel;
    private final GatheringByteChannel outgoing;
    private final NbdExport export;
    private final ConcurrentHashMap<Long, NbdRequest> waiting = new ConcurrentHashMap<>();
    private final AtomicLong nextCookie = new AtomicLong(1);
    private final Object sending = new Object();
    private final ByteBuffer requestHead = ByteBuffer.allocateDirect(28);
    private final ByteBuffer replyHead = ByteBuffer.allocateDirect(32);
    private volatile @Nullable IOException broken;

    private NbdConnection(NbdAddress address, ByteChannel channel, NbdExport export) {
        this.address = address;
        this.channel = channel;
        // Sockets and TLS sessions are both.
        outgoing = (GatheringByteChannel) channel;
        this.export = export;
    }

    static NbdConnection open(NbdAddress address, String context) throws IOException {
        SocketChannel socket = address.connect();
        try {
            NbdHandshake handshake = new NbdHandshake(socket, address, context);
            NbdExport export = handshake.run();
            NbdConnection connection = new NbdConnection(address, handshake.channel(), export);
            Thread receiver = new Thread(connection::receive, "nbd-replies");
            receiver.setDaemon(true);
            receiver.start();
            return connection;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    NbdExport export() {
        return export;
    }

    /** Sends a request with what remains in {@code data}; its end is awaited elsewhere. */
    void send(NbdRequest request, @Nullable ByteBuffer data) throws IOException {
        long cookie = nextCookie.getAndIncrement();
        waiting.put(cookie, request);
        try {
            synchronized (sending) {
                requestHead.clear();
                requestHead
                        .putInt(NbdProtocol.REQUEST_MAGIC)
                        .putShort((short) request.flags)
                        .putShort((short) request.command)
                        .putLong(cookie)
                        .putLong(request.offset)
                        .putInt((int) request.lengthBytes)
                        .flip();
                ByteBuffer[] parts =
                        data == null ? new ByteBuffer[] {requestHead} : new ByteBuffer[] {requestHead, data};
                while (parts[parts.length - 1].hasRemaining()) {
                    outgoing.write(parts);
                }
            }
        } catch (IOException e) {
            breakOff(e);
        }
        IOException cause = broken;
        if (cause != null && waiting.remove(cookie) != null) {
            request.fail(cause);
            request.end();
        }
    }

    private void receive() {
        try {
            while (true) {
                replyHead.clear().limit(16);
                fill(replyHead);
                int magic = replyHead.getInt(0);
                if (magic == NbdProtocol.SIMPLE_REPLY_MAGIC) {
                    takeSimple(replyHead.getInt(4), replyHead.getLong(8));
                } else if (magic == NbdProtocol.STRUCTURED_REPLY_MAGIC && export.structuredReplies()) {
                    replyHead.limit(20);
                    fill(replyHead);
                    takeChunk(
                            Short.toUnsignedInt(replyHead.getShort(4)),
                            Short.toUnsignedInt(replyHead.getShort(6)),
                            replyHead.getLong(8),
                            Integer.toUnsignedLong(replyHead.getInt(16)));
                } else {
                    throw protocolError("a reply without magic number");
                }
            }
        } catch (EOFException e) {
            breakOff(new StorageException("The NBD server at '" + address + "' closed the connection", null, e));
        } catch (IOException | RuntimeException e) {
            breakOff(e);
        }
    }

    private void takeSimple(int error, long cookie) throws IOException {
        NbdRequest request = waiting.remove(cookie);
        if (request == null) {
            throw protocolError("a reply to no request");
        }
        try {
            if (error != 0) {
                request.fail(failure(request, error, ""));
            } else if (request.command == NbdProtocol.READ) {
                ByteBuffer place = request.place(request.offset, request.lengthBytes);
                if (place != null) {
                    fill(place);
                }
            }
        } catch (IOException e) {
            request.fail(e);
            throw e;
        } finally {
            request.end();
        }
    }

    private void takeChunk(int flags, int type, long cookie, long length) throws IOException {
        NbdRequest request = waiting.get(cookie);
        if (request == null) {
            throw protocolError("a reply to no request");
        }
        if ((type & NbdProtocol.CHUNK_ERROR_BIT) != 0) {
            ByteBuffer payload = payload(length, 6, MAX_STATUS_BYTES);
            int error = payload.getInt();
            int textLength = Math.min(Short.toUnsignedInt(payload.getShort()), payload.remaining());
            String text = StandardCharsets.UTF_8
                    .decode(payload.limit(payload.position() + textLength))
                    .toString();
            request.fail(failure(request, error, text));
        } else {
            switch (type) {
                case NbdProtocol.CHUNK_NONE -> payload(length, 0, 0);
                case NbdProtocol.CHUNK_DATA -> {
                    long at = payload(8, 8, 8).getLong();
                    ByteBuffer place = request.place(at, length - 8);
                    if (place == null) {
                        throw protocolError("data outside the request");
                    }
                    fill(place);
                }
                case NbdProtocol.CHUNK_HOLE -> {
                    ByteBuffer payload = payload(length, 12, 12);
                    ByteBuffer place = request.place(payload.getLong(), Integer.toUnsignedLong(payload.getInt()));
                    if (place == null) {
                        throw protocolError("a hole outside the request");
                    }
                    while (place.hasRemaining()) {
                        place.put((byte) 0);
                    }
                }
                case NbdProtocol.CHUNK_BLOCK_STATUS -> {
                    ByteBuffer payload = payload(length, 4, MAX_STATUS_BYTES);
                    boolean ours = Integer.toUnsignedLong(payload.getInt()) == export.allocationContext();
                    while (ours && payload.remaining() >= 8) {
                        long bytes = Integer.toUnsignedLong(payload.getInt());
                        request.statuses.add(new NbdRequest.BlockStatus(bytes, payload.getInt()));
                    }
                }
                default -> throw protocolError("a chunk of type " + type);
            }
        }
        if ((flags & NbdProtocol.CHUNK_DONE) != 0) {
            waiting.remove(cookie);
            request.end();
        }
    }

    private ByteBuffer payload(long length, int min, int max) throws IOException {
        if (length < min || length > max) {
            throw protocolError("a chunk of " + length + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        fill(bytes);
        return bytes.flip();
    }

    private void fill(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                throw new EOFException();
            }
        }
    }

    private StorageException failure(NbdRequest request, int error, String text) {
        String verb = switch (request.command) {
            case NbdProtocol.READ -> "read";
            case NbdProtocol.WRITE -> "write";
            case NbdProtocol.FLUSH -> "flush";
            case NbdProtocol.TRIM -> "trim";
            case NbdProtocol.WRITE_ZEROES -> "write of zeros";
            default -> "block status";
        };
        return new StorageException("'" + address + "': the server failed a " + verb + " of " + request.lengthBytes
                + " bytes at " + request.offset + ": " + NbdProtocol.errorText(error)
                + (text.isEmpty() ? "" : " (" + text + ")"));
    }

    private StorageException protocolError(String what) {
        return new StorageException("The NBD server at '" + address + "' breaks the protocol: it sent " + what);
    }

    /** After this every request fails with the cause. */
    private void breakOff(Exception cause) {
        if (broken == null) {
            broken = cause instanceof StorageException storage
                    ? storage
                    : new StorageException(
                            "The connection to '" + address + "' broke: " + cause.getMessage(), null, cause);
        }
        try {
            channel.close();
        } catch (IOException e) {
            // The first failure is the one to tell.
        }
        IOException reason = broken;
        for (Long cookie : waiting.keySet()) {
            NbdRequest request = waiting.remove(cookie);
            if (request != null && reason != null) {
                request.fail(reason);
                request.end();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (broken == null) {
            NbdRequest goodbye = new NbdRequest(NbdProtocol.DISCONNECT, 0, 0, 0, null);
            send(goodbye, null);
        }
        channel.close();
    }
}
