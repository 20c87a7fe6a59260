// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** A file on the other side of a session, which has one open at a time. */
public final class RemoteFile {
    private final WireSession session;
    private final String path;
    private final byte format;

    /** @param format {@link Frame#BYTES} or {@link Frame#QCOW2} */
    RemoteFile(WireSession session, String path, byte format) {
        this.session = session;
        this.path = path;
        this.format = format;
    }

    /** One that is looked at byte for byte, whatever is in it. */
    public static RemoteFile ofBytes(WireSession session, String path) {
        return new RemoteFile(session, path, Frame.BYTES);
    }

    /** Whether jvirt there finds the file. */
    public boolean exists() throws IOException {
        try {
            open(Frame.LOOK, 0);
            finish();
            return true;
        } catch (WireFailedException e) {
            session.close();
            return false;
        }
    }

    /** Writes over a few bytes of it, and syncs them. */
    public void overwrite(long offset, byte[] bytes) throws IOException {
        boolean isDone = false;
        try {
            long length = open(Frame.LOOK, 0);
            finish();
            open(Frame.KEEP, length);
            write(offset, false, bytes.length, ByteBuffer.wrap(bytes));
            finish();
            isDone = true;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    /**
     * Whether all that is stored there has a digest that is known here: the target reads it, and nobody reads here.
     *
     * @param offset told how far it is
     */
    public boolean stores(String known, long lengthBytes, LongConsumer offset) throws IOException {
        boolean isDone = false;
        try {
            open(Frame.LOOK, lengthBytes);
            askDigest();
            boolean same = Arrays.equals(HexFormat.of().parseHex(known), awaitDigest(offset));
            finish();
            isDone = true;
            return same;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    /** Opens it, as the mode says; the length that it has then. */
    long open(byte mode, long length) throws IOException {
        ByteBuffer fields =
                ByteBuffer.allocate(2 + Long.BYTES).put(format).put(mode).putLong(length);
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        session.send(Frame.OPEN, fields, ByteBuffer.wrap(name));
        return session.await(Frame.OPENED).body().getLong();
    }

    /** Has it written there; {@code length} is that of the data when they are unpacked. */
    void write(long offset, boolean isCompressed, int length, ByteBuffer data) throws IOException {
        ByteBuffer fields = ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES)
                .putLong(offset)
                .put((byte) (isCompressed ? 1 : 0))
                .putInt(length);
        session.send(Frame.DATA, fields, data);
    }

    /** Asks for the digest of all that is stored. */
    void askDigest() throws IOException {
        session.sendLongs(Frame.DIGEST);
    }

    /** The digest that was asked for; {@code offset} is told how far it is there. */
    byte[] awaitDigest(LongConsumer offset) throws IOException {
        Frame answer = session.await(Frame.DIGESTED);
        while (answer.type() == Frame.FAR) {
            offset.accept(answer.body().getLong());
            answer = session.await(Frame.DIGESTED);
        }
        byte[] digest = new byte[answer.body().remaining()];
        answer.body().get(digest);
        return digest;
    }

    /** Closes it there, synced. */
    void finish() throws IOException {
        session.sendLongs(Frame.CLOSE);
        session.await(Frame.CLOSED);
    }
}
