// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.storage.copy.RateLimit;
import io.jvirt.storage.copy.ZeroScan;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Through libvirt's storage streams, into a volume that is as long as the payload or shorter.
 *
 * <p>libvirt ends the file where a hole ends: pieces must come in ascending order, and only the last one's hole gives the
 * file its length.
 */
public final class VolumeTransport implements Transport {
    /** Shorter runs of zeros are not worth a message. */
    private static final int ZERO_BLOCK_BYTES = 4096;

    /** The unit in which an older copy is compared. */
    private static final int DELTA_BLOCK_BYTES = 64 << 10;

    /** What is sent again at most after a break. */
    private static final long PIECE_BYTES = 32L << 20;

    private final Host host;
    private final Volume volume;
    private final RateLimit rate;

    /** @param bytesPerSecond how fast bytes may be sent; 0 for no limit */
    public VolumeTransport(Host host, Volume volume, long bytesPerSecond) {
        this.host = host;
        this.volume = volume;
        this.rate = new RateLimit(bytesPerSecond);
    }

    @Override
    public void send(Payload payload, long from, Progress progress) throws IOException {
        long length = payload.lengthBytes();
        for (long at = from; at < length; ) {
            at = sendPiece(payload, at, progress);
            // The stream's end was confirmed: the target has it all.
            progress.stored(at);
        }
    }

    @Override
    public void update(Payload payload, long from, long copyBytes, Progress progress) throws IOException {
        long length = payload.lengthBytes();
        for (long at = from; at < length; ) {
            at = updatePiece(payload, at, copyBytes, progress);
            progress.stored(at);
        }
    }

    /** What follows {@code from}, until about a piece has travelled; answers where it ends. */
    private long sendPiece(Payload payload, long from, Progress progress) throws IOException {
        long length = payload.lengthBytes();
        ByteBuffer buffer = PageBuffer.allocate(Stream.CHUNK_BYTES).order(ByteOrder.nativeOrder());
        long at = from;
        try (Stream stream = volume.upload(host, from, 0, true)) {
            Sender sender = new Sender(stream, from, rate);
            while (at < length && sender.sentBytes < PIECE_BYTES) {
                at = payload.nextData(at);
                long end = Math.min(length, payload.nextHole(at));
                while (at < end && sender.sentBytes < PIECE_BYTES) {
                    int part = (int) Math.min(end - at, Stream.CHUNK_BYTES - at % ZERO_BLOCK_BYTES);
                    payload.read(at, buffer.clear().limit(part));
                    long before = sender.sentBytes;
                    sender.add(at, buffer.flip());
                    progress.sent(sender.sentBytes - before);
                    at += part;
                    progress.reached(at);
                }
            }
            if (at >= length) {
                at = length;
                sender.skipTo(length);
            }
            stream.finish();
        }
        return at;
    }

    private long updatePiece(Payload payload, long from, long copyBytes, Progress progress) throws IOException {
        long length = payload.lengthBytes();
        long end = Math.min(Math.min(length, copyBytes), from + PIECE_BYTES);
        if (from >= end) {
            return sendPiece(payload, from, progress);
        }
        ByteBuffer buffer = PageBuffer.allocate(Stream.CHUNK_BYTES).order(ByteOrder.nativeOrder());
        for (long[] run : differences(payload, from, end)) {
            try (Stream stream = volume.upload(host, run[0], run[1] - run[0], false)) {
                for (long at = run[0]; at < run[1]; ) {
                    int part = (int) Math.min(run[1] - at, Stream.CHUNK_BYTES);
                    rate.pass(part);
                    payload.read(at, buffer.clear().limit(part));
                    stream.send(buffer.flip());
                    progress.sent(part);
                    at += part;
                }
                stream.finish();
            }
            progress.reached(run[1]);
        }
        if (end == length && copyBytes > length) {
            // libvirt ends the file where a hole ends, and leaves what is in the hole.
            try (Stream stream = volume.upload(host, length - 1, 0, true)) {
                stream.sendHole(1);
                stream.finish();
            }
        }
        progress.reached(end);
        return end;
    }

    /** Runs of blocks that are not equal there. */
    private List<long[]> differences(Payload payload, long from, long end) throws IOException {
        List<long[]> runs = new ArrayList<>();
        ByteBuffer there = PageBuffer.allocate(DELTA_BLOCK_BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer here = PageBuffer.allocate(DELTA_BLOCK_BYTES).order(ByteOrder.nativeOrder());
        try (Stream stream = volume.download(host, from, end - from, true)) {
            long hole = 0;
            for (long at = from; at < end; at += there.limit()) {
                int block = (int) Math.min(end - at, DELTA_BLOCK_BYTES);
                there.clear().limit(block);
                while (there.hasRemaining()) {
                    if (hole == 0) {
                        int got = stream.receive(there);
                        if (got > 0) {
                            continue;
                        }
                        // Past the end of the copy everything is zeros.
                        hole = got == 0 ? stream.receiveHole() : Long.MAX_VALUE;
                    }
                    int zeros = (int) Math.min(hole, there.remaining());
                    for (int i = 0; i < zeros; i++) {
                        there.put((byte) 0);
                    }
                    hole -= zeros;
                }
                payload.read(at, here.clear().limit(block));
                if (here.flip().mismatch(there.flip()) >= 0) {
                    long[] last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
                    if (last != null && last[1] == at) {
                        last[1] = at + block;
                    } else {
                        runs.add(new long[] {at, at + block});
                    }
                }
            }
            stream.finish();
        }
        return runs;
    }

    /** Sends what is not zero, and holes between. */
    private static final class Sender {
        private final Stream stream;
        private final RateLimit rate;
        private long streamOffset;
        private long sentBytes;

        Sender(Stream stream, long offset, RateLimit rate) {
            this.stream = stream;
            this.streamOffset = offset;
            this.rate = rate;
        }

        void add(long offset, ByteBuffer data) throws IOException {
            int length = data.limit();
            int start = -1;
            for (int at = 0; at < length; ) {
                int block = (int) Math.min(length - at, ZERO_BLOCK_BYTES - (offset + at) % ZERO_BLOCK_BYTES);
                boolean zero = ZeroScan.isZero(data, at, block);
                if (zero && start >= 0) {
                    send(offset, data, start, at);
                    start = -1;
                } else if (!zero && start < 0) {
                    start = at;
                }
                at += block;
            }
            if (start >= 0) {
                send(offset, data, start, length);
            }
        }

        private void send(long offset, ByteBuffer data, int from, int to) throws IOException {
            rate.pass(to - from);
            skipTo(offset + from);
            stream.send(data.duplicate().position(from).limit(to));
            streamOffset += to - from;
            sentBytes += to - from;
        }

        void skipTo(long offset) {
            if (offset > streamOffset) {
                stream.sendHole(offset - streamOffset);
                streamOffset = offset;
            }
        }
    }

    @Override
    public long firstDifference(Payload payload, LongConsumer offset) throws IOException {
        long length = payload.lengthBytes();
        ByteBuffer there = PageBuffer.allocate(Stream.CHUNK_BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer here = PageBuffer.allocate(Stream.CHUNK_BYTES).order(ByteOrder.nativeOrder());
        long at = 0;
        try (Stream stream = volume.download(host, 0, length, true)) {
            for (int got = stream.receive(there.clear()); got >= 0; got = stream.receive(there.clear())) {
                if (got == 0) {
                    long end = at + stream.receiveHole();
                    long data = firstData(payload, at, Math.min(length, end), here);
                    if (data >= 0) {
                        return data;
                    }
                    at = end;
                } else {
                    payload.read(at, here.clear().limit(got));
                    int difference = here.flip().mismatch(there.flip());
                    if (difference >= 0) {
                        return at + difference;
                    }
                    at += got;
                }
                offset.accept(Math.min(at, length));
            }
            stream.finish();
        }
        return at < length ? at : -1;
    }

    /** The first byte in a range that is not zero; -1 where there is none. */
    private static long firstData(Payload payload, long from, long to, ByteBuffer buffer) throws IOException {
        long at = payload.nextData(from);
        while (at < to) {
            long end = Math.min(to, payload.nextHole(at));
            while (at < end) {
                int part = (int) Math.min(end - at, Stream.CHUNK_BYTES);
                payload.read(at, buffer.clear().limit(part));
                if (!ZeroScan.isZero(buffer, 0, part)) {
                    return at;
                }
                at += part;
            }
            at = payload.nextData(at);
        }
        return -1;
    }
}
