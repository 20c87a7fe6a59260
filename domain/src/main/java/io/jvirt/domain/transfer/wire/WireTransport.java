// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Compression;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.storage.copy.DigestTree;
import io.jvirt.storage.copy.RateLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Over ssh to jvirt on the target. A piece is confirmed when it has been written there; what is stored is verified when all
 * has been sent, by a digest that the target computes and one of what was read here to be sent.
 */
public final class WireTransport implements Transport {
    /** Two of them are under way at most: what is sent again after a break. */
    static final long PIECE_BYTES = 16L << 20;

    private static final int UNCONFIRMED = 1;

    private final WireSession session;
    private final String path;
    private final byte format;
    private final RateLimit rate;
    private final Compression compression;
    private final Deque<Piece> pending = new ArrayDeque<>();
    private @Nullable String digest;

    /** A range that has been dealt with; the other side was told of those of which something was sent. */
    private record Piece(long from, long to, boolean isSent) {}

    /**
     * To one file.
     *
     * @param path a file that is there
     * @param isQcow2 the payload becomes what a guest sees of a qcow2 image; else the file has the payload's bytes
     * @param bytesPerSecond 0 for no limit
     */
    public WireTransport(
            WireSession session, String path, boolean isQcow2, long bytesPerSecond, Compression compression) {
        this.session = session;
        this.path = path;
        this.format = isQcow2 ? Frame.QCOW2 : Frame.BYTES;
        this.rate = new RateLimit(bytesPerSecond);
        this.compression = compression;
    }

    /** Whether the target's jvirt finds the file that libvirt speaks of. */
    public static boolean canSee(WireSession session, String path) throws IOException {
        try {
            open(session, path, Frame.BYTES, Frame.LOOK, 0);
            finish(session);
            return true;
        } catch (WireFailedException e) {
            session.close();
            return false;
        }
    }

    /** Writes over a few bytes of a file, and syncs them. */
    public static void overwrite(WireSession session, String path, long offset, byte[] bytes) throws IOException {
        boolean isDone = false;
        try {
            long length = open(session, path, Frame.BYTES, Frame.LOOK, 0);
            finish(session);
            open(session, path, Frame.BYTES, Frame.KEEP, length);
            session.send(Frame.DATA, dataFields(offset, false, bytes.length), ByteBuffer.wrap(bytes));
            finish(session);
            isDone = true;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    private static ByteBuffer dataFields(long offset, boolean isCompressed, int length) {
        return ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES)
                .putLong(offset)
                .put((byte) (isCompressed ? 1 : 0))
                .putInt(length);
    }

    /** The length that the file has then. */
    private static long open(WireSession session, String path, byte format, byte mode, long length) throws IOException {
        ByteBuffer fields =
                ByteBuffer.allocate(2 + Long.BYTES).put(format).put(mode).putLong(length);
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        session.send(Frame.OPEN, fields, ByteBuffer.wrap(name));
        return session.await(Frame.OPENED).body().getLong();
    }

    private static void finish(WireSession session) throws IOException {
        session.sendLongs(Frame.CLOSE);
        session.await(Frame.CLOSED);
    }

    @Override
    public void send(Payload payload, long offset, Progress progress) throws IOException {
        long from = offset / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES;
        long length = payload.lengthBytes();
        Pressure pressure = new Pressure(compression);
        DigestTree whole = new DigestTree(length);
        boolean isDone = false;
        try (BlockReader reader = new BlockReader(payload, from, length, new Packer(pressure))) {
            open(session, path, format, from == 0 ? Frame.ANEW : Frame.KEEP, length);
            long pieceFrom = from;
            long pieceBytes = 0;
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                if (pieceBytes >= PIECE_BYTES) {
                    ask(pieceFrom, chunk.offset(), progress);
                    pieceFrom = chunk.offset();
                    pieceBytes = 0;
                }
                add(chunk, whole);
                tell(payload, from, chunk);
                send(chunk, pressure, progress);
                pieceBytes += chunk.length();
                progress.reached(chunk.offset() + chunk.length());
                reader.giveBack(chunk);
            }
            ask(pieceFrom, length, progress);
            confirm(0, progress);
            finish(session);
            digest = from == 0 ? whole.hex() : null;
            if (from == 0) {
                payload.allHashed();
            }
            isDone = true;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    private static void add(Chunk chunk, DigestTree tree) {
        byte[] @Nullable [] hashes = chunk.hashes();
        for (int i = 0; i < chunk.blocks(); i++) {
            byte[] hash = hashes[i];
            if (hash != null) {
                tree.add(chunk.index(i), hash);
            }
        }
    }

    /** Only one that is sent from its beginning is told all of its blocks. */
    private static void tell(Payload payload, long from, Chunk chunk) {
        byte[] @Nullable [] hashes = chunk.hashes();
        for (int i = 0; from == 0 && i < chunk.blocks(); i++) {
            byte[] hash = hashes[i];
            if (hash != null) {
                payload.hashed(chunk.index(i), hash);
            }
        }
    }

    private void send(Chunk chunk, Pressure pressure, Progress progress) throws IOException {
        for (Chunk.Part part : chunk.parts()) {
            send(chunk, part, pressure, progress);
        }
    }

    private void send(Chunk chunk, Chunk.Part part, Pressure pressure, Progress progress) throws IOException {
        ByteBuffer packed = part.packed();
        ByteBuffer data = packed == null
                ? chunk.data().duplicate().limit(part.from() + part.length()).position(part.from())
                : packed.duplicate();
        int travels = data.remaining();
        progress.sent(travels);
        rate.pass(travels);
        ByteBuffer fields = dataFields(chunk.offset() + part.from(), packed != null, part.length());
        long start = System.nanoTime();
        session.send(Frame.DATA, fields, data);
        pressure.sent(part.length(), travels, System.nanoTime() - start);
    }

    private void ask(long from, long to, Progress progress) throws IOException {
        session.sendLongs(Frame.PIECE, from, to);
        pending.add(new Piece(from, to, true));
        confirm(UNCONFIRMED, progress);
    }

    /** Takes confirmations until so many are missing. */
    private void confirm(int missing, Progress progress) throws IOException {
        while (!pending.isEmpty()) {
            Piece piece = pending.element();
            if (piece.isSent()) {
                Frame answer = pending.size() > missing ? session.await(Frame.STORED) : session.poll(Frame.STORED);
                if (answer == null) {
                    return;
                }
                long from = answer.body().getLong();
                if (from != piece.from() || answer.body().getLong() != piece.to()) {
                    throw new WireFailedException("the confirmation of another piece came");
                }
            }
            pending.remove();
            progress.stored(piece.to());
        }
    }

    @Override
    public void update(Payload payload, long offset, long copyBytes, Progress progress) throws IOException {
        long from = offset / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES;
        long length = payload.lengthBytes();
        Pressure pressure = new Pressure(compression);
        Packer packer = new Packer(pressure);
        DigestTree whole = new DigestTree(length);
        boolean isDone = false;
        try (BlockReader reader = new BlockReader(payload, from, length, null)) {
            open(session, path, format, Frame.KEEP, length);
            Comparison comparison = new Comparison(session, payload, from, length);
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                int run = -1;
                for (int i = 0; i < chunk.blocks(); i++) {
                    if (chunk.offset() + chunk.startOf(i) >= comparison.end()) {
                        run = send(chunk, run, i, packer, pressure, comparison, progress);
                        advance(comparison, chunk.offset() + chunk.startOf(i), progress);
                    }
                    byte[] hash = chunk.hashes()[i];
                    if (hash != null) {
                        whole.add(chunk.index(i), hash);
                        if (from == 0) {
                            payload.hashed(chunk.index(i), hash);
                        }
                    }
                    if (hash != null && comparison.differs(chunk.index(i), hash)) {
                        run = run < 0 ? i : run;
                    } else {
                        run = send(chunk, run, i, packer, pressure, comparison, progress);
                    }
                }
                send(chunk, run, chunk.blocks(), packer, pressure, comparison, progress);
                progress.reached(chunk.offset() + chunk.length());
                reader.giveBack(chunk);
            }
            advance(comparison, length, progress);
            confirm(0, progress);
            finish(session);
            digest = from == 0 ? whole.hex() : null;
            if (from == 0) {
                payload.allHashed();
            }
            isDone = true;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    /** Sends the blocks from {@code run} to {@code end}, where there are any; -1 for the next run. */
    private int send(
            Chunk chunk, int run, int end, Packer packer, Pressure pressure, Comparison comparison, Progress progress)
            throws IOException {
        if (run >= 0) {
            send(chunk, packer.part(chunk.data(), chunk.startOf(run), chunk.endOf(end - 1)), pressure, progress);
            comparison.sent();
        }
        return -1;
    }

    /** Ends windows until the one that the offset lies in. */
    private void advance(Comparison comparison, long offset, Progress progress) throws IOException {
        while (comparison.begin() < comparison.end() && offset >= comparison.end()) {
            comparison.zeroTheRest();
            if (comparison.isSent()) {
                ask(comparison.begin(), comparison.end(), progress);
            } else {
                pending.add(new Piece(comparison.begin(), comparison.end(), false));
                confirm(UNCONFIRMED, progress);
            }
            comparison.next();
        }
    }

    @Override
    public long firstDifference(Payload payload, LongConsumer offset) throws IOException {
        if (digest != null) {
            return -1;
        }
        long length = payload.lengthBytes();
        DigestTree tree = new DigestTree(length);
        boolean isDone = false;
        try (BlockReader reader = new BlockReader(payload, 0, length, null)) {
            open(session, path, format, Frame.LOOK, length);
            session.sendLongs(Frame.DIGEST);
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                add(chunk, tree);
                tell(payload, 0, chunk);
                offset.accept(chunk.offset() / 2);
                reader.giveBack(chunk);
            }
            byte[] there = awaitDigest(at -> offset.accept(length / 2 + at / 2));
            byte[] here = tree.bytes();
            long found = Arrays.equals(here, there) ? -1 : Differences.first(session, payload, length);
            finish(session);
            if (found < 0) {
                payload.allHashed();
                digest = HexFormat.of().formatHex(here);
            }
            isDone = true;
            return found;
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
            open(session, path, format, Frame.LOOK, lengthBytes);
            session.sendLongs(Frame.DIGEST);
            boolean same = Arrays.equals(HexFormat.of().parseHex(known), awaitDigest(offset));
            finish(session);
            isDone = true;
            return same;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    private byte[] awaitDigest(LongConsumer offset) throws IOException {
        Frame answer = session.await(Frame.DIGESTED);
        while (answer.type() == Frame.FAR) {
            offset.accept(answer.body().getLong());
            answer = session.await(Frame.DIGESTED);
        }
        byte[] digest = new byte[answer.body().remaining()];
        answer.body().get(digest);
        return digest;
    }

    @Override
    public @Nullable String digest() {
        return digest;
    }
}
