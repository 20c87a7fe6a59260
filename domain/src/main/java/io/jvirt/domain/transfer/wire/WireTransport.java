// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Compression;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.storage.copy.DigestTree;
import io.jvirt.storage.copy.RateLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Over ssh to jvirt on the target. A piece is confirmed when it has been written there; what is stored is verified when all
 * has been sent, by a digest that the target computes and one of what was read here to be sent.
 */
public final class WireTransport implements Transport {
    private final WireSession session;
    private final RemoteFile file;
    private final RateLimit rate;
    private final Compression compression;
    private @Nullable String digest;

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
        this.file = new RemoteFile(session, path, isQcow2 ? Frame.QCOW2 : Frame.BYTES);
        this.rate = new RateLimit(bytesPerSecond);
        this.compression = compression;
    }

    @Override
    public void send(Payload payload, long offset, Progress progress) throws IOException {
        long from = offset / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES;
        long length = payload.lengthBytes();
        Pressure pressure = new Pressure(compression);
        DigestTree whole = new DigestTree(length);
        PendingPieces pieces = new PendingPieces(session, progress);
        boolean isDone = false;
        try (BlockReader reader = new BlockReader(payload, from, length, new Packer(pressure))) {
            file.open(from == 0 ? Frame.ANEW : Frame.KEEP, length);
            long pieceFrom = from;
            long pieceBytes = 0;
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                if (pieceBytes >= PendingPieces.PIECE_BYTES) {
                    pieces.sent(pieceFrom, chunk.offset());
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
            pieces.sent(pieceFrom, length);
            pieces.confirmAll();
            file.finish();
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
        long start = System.nanoTime();
        file.write(chunk.offset() + part.from(), packed != null, part.length(), data);
        pressure.sent(part.length(), travels, System.nanoTime() - start);
    }

    @Override
    public void update(Payload payload, long offset, long copyBytes, Progress progress) throws IOException {
        long from = offset / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES;
        long length = payload.lengthBytes();
        Pressure pressure = new Pressure(compression);
        Packer packer = new Packer(pressure);
        DigestTree whole = new DigestTree(length);
        PendingPieces pieces = new PendingPieces(session, progress);
        boolean isDone = false;
        try (BlockReader reader = new BlockReader(payload, from, length, null)) {
            file.open(Frame.KEEP, length);
            Comparison comparison = new Comparison(session, payload, from, length);
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                int run = -1;
                for (int i = 0; i < chunk.blocks(); i++) {
                    if (chunk.offset() + chunk.startOf(i) >= comparison.end()) {
                        run = send(chunk, run, i, packer, pressure, comparison, progress);
                        advance(comparison, chunk.offset() + chunk.startOf(i), pieces);
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
            advance(comparison, length, pieces);
            pieces.confirmAll();
            file.finish();
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
    private static void advance(Comparison comparison, long offset, PendingPieces pieces) throws IOException {
        while (comparison.begin() < comparison.end() && offset >= comparison.end()) {
            comparison.zeroTheRest();
            if (comparison.isSent()) {
                pieces.sent(comparison.begin(), comparison.end());
            } else {
                pieces.unchanged(comparison.begin(), comparison.end());
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
            file.open(Frame.LOOK, length);
            file.askDigest();
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                add(chunk, tree);
                tell(payload, 0, chunk);
                offset.accept(chunk.offset() / 2);
                reader.giveBack(chunk);
            }
            byte[] there = file.awaitDigest(at -> offset.accept(length / 2 + at / 2));
            byte[] here = tree.bytes();
            long found = Arrays.equals(here, there) ? -1 : Differences.first(session, payload, length);
            file.finish();
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

    /** What it sends to. */
    public RemoteFile file() {
        return file;
    }

    @Override
    public @Nullable String digest() {
        return digest;
    }
}
