// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/** What an older copy holds, window by window: the hashes of a few windows are asked for ahead. */
final class Comparison {
    private static final long WINDOW_BYTES = PendingPieces.PIECE_BYTES;
    private static final int AHEAD = 3;

    private final WireSession session;
    private final Payload payload;
    private final long lengthBytes;
    private final Deque<long[]> asked = new ArrayDeque<>();
    private final TreeMap<Long, byte[]> theirs = new TreeMap<>();
    private long planned;
    private long begin;
    private long end;
    private boolean isSent;

    Comparison(WireSession session, Payload payload, long from, long lengthBytes) throws IOException {
        this.session = session;
        this.payload = payload;
        this.lengthBytes = lengthBytes;
        this.planned = from;
        this.end = from;
        next();
    }

    long begin() {
        return begin;
    }

    long end() {
        return end;
    }

    boolean isSent() {
        return isSent;
    }

    void sent() {
        isSent = true;
    }

    /** The next window; an empty one behind the last. */
    void next() throws IOException {
        while (asked.size() < AHEAD && planned < lengthBytes) {
            long to = windowEnd(planned);
            session.sendLongs(Frame.HASH, planned, to);
            asked.add(new long[] {planned, to});
            planned = to;
        }
        theirs.clear();
        isSent = false;
        long[] window = asked.poll();
        begin = window == null ? end : window[0];
        end = window == null ? end : window[1];
        boolean isLast = window == null;
        while (!isLast) {
            ByteBuffer body = session.await(Frame.HASHES).body();
            isLast = body.get() != 0;
            while (body.remaining() >= Long.BYTES + 32) {
                long index = body.getLong();
                byte[] hash = new byte[32];
                body.get(hash);
                theirs.put(index, hash);
            }
        }
    }

    private long windowEnd(long from) throws IOException {
        long data = 0;
        long at = from;
        while (at < lengthBytes) {
            long start = payload.nextData(at);
            long hole = Math.min(lengthBytes, payload.nextHole(start));
            if (data + hole - start >= WINDOW_BYTES) {
                return Math.min(lengthBytes, BlockHashes.roundUp(start + WINDOW_BYTES - data));
            }
            data += hole - start;
            at = hole;
        }
        return lengthBytes;
    }

    /** Whether the block that is not zero here is another one there. */
    boolean differs(long index, byte[] hash) {
        byte[] there = theirs.remove(index);
        return there == null || !Arrays.equals(there, hash);
    }

    /** Blocks that hold something there and nothing here. */
    void zeroTheRest() throws IOException {
        long from = -1;
        long to = -1;
        for (Map.Entry<Long, byte[]> left : theirs.entrySet()) {
            long start = left.getKey() * BlockHashes.BLOCK_BYTES;
            if (start != to) {
                zero(from, to);
                from = start;
            }
            to = start + BlockHashes.BLOCK_BYTES;
        }
        zero(from, to);
        theirs.clear();
    }

    private void zero(long from, long to) throws IOException {
        if (from >= 0) {
            session.sendLongs(Frame.ZERO, from, Math.min(to, lengthBytes) - from);
            isSent = true;
        }
    }

    /** Where a block holds something there and has not been asked for, before that offset; -1 where none does. */
    long firstLeft(long before) {
        Map.Entry<Long, byte[]> left = theirs.firstEntry();
        return left == null || left.getKey() * BlockHashes.BLOCK_BYTES >= before
                ? -1
                : left.getKey() * BlockHashes.BLOCK_BYTES;
    }

    /** Takes what was asked for and is not needed any more. */
    void drain() throws IOException {
        planned = lengthBytes;
        while (begin < end) {
            next();
        }
    }
}
