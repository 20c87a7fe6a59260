// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Payload;
import io.jvirt.storage.copy.DigestTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Reads and hashes what a payload holds, ahead of the one who sends it and in order. Holes are left out. */
final class BlockReader implements Closeable {
    private static final int CHUNK_BYTES = Frame.MOST_DATA_BYTES;
    private static final int THREADS =
            Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
    private static final int AHEAD = 2 * THREADS + 2;

    private final Payload payload;
    private final long lengthBytes;
    private final ExecutorService workers = Executors.newFixedThreadPool(THREADS, BlockReader::daemon);
    private final Deque<Future<Chunk>> ahead = new ArrayDeque<>();
    private final Queue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<DigestTree.Hasher> hasher = ThreadLocal.withInitial(DigestTree.Hasher::new);
    private final @Nullable Packer packer;
    private long at;
    private long end;

    /** @param packer makes the parts that travel; null where that is decided later */
    BlockReader(Payload payload, long from, @Nullable Packer packer) throws IOException {
        this.packer = packer;
        this.payload = payload;
        this.lengthBytes = payload.lengthBytes();
        this.at = from / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES;
        this.end = at;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "wire-worker");
        thread.setDaemon(true);
        return thread;
    }

    /** The next chunk, or null at the payload's end. It is valid until it is given back. */
    @Nullable
    Chunk next() throws IOException {
        boolean isMore = true;
        while (isMore && ahead.size() < AHEAD) {
            isMore = plan();
        }
        Future<Chunk> first = ahead.poll();
        if (first == null) {
            return null;
        }
        try {
            return first.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException(e.getCause());
        }
    }

    void giveBack(Chunk chunk) {
        spare.add(chunk.data());
    }

    /** Hands the next part to a worker; false at the end. Maps are asked on this thread alone. */
    private boolean plan() throws IOException {
        if (at >= end) {
            long data = payload.nextData(at);
            if (data >= lengthBytes) {
                at = lengthBytes;
                return false;
            }
            at = Math.max(at, data / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES);
            end = Math.min(lengthBytes, BlockHashes.roundUp(Math.max(payload.nextHole(data), data + 1)));
        }
        long from = at;
        int part = (int) Math.min(CHUNK_BYTES, end - from);
        ahead.add(workers.submit(() -> read(from, part)));
        at += part;
        return true;
    }

    private Chunk read(long from, int part) throws IOException {
        ByteBuffer data = spare.poll();
        if (data == null) {
            data = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.nativeOrder());
        }
        payload.read(from, data.clear().limit(part));
        int blocks = (part + BlockHashes.BLOCK_BYTES - 1) / BlockHashes.BLOCK_BYTES;
        byte[] @Nullable [] hashes = new byte[blocks][];
        for (int i = 0; i < blocks; i++) {
            int start = i * BlockHashes.BLOCK_BYTES;
            hashes[i] = hasher.get().leaf(data, start, Math.min(BlockHashes.BLOCK_BYTES, part - start));
        }
        return new Chunk(from, part, data, hashes, packer == null ? List.of() : packer.parts(data, part, hashes));
    }

    @Override
    public void close() {
        // Without an interrupt, which would close the payload's files.
        workers.shutdown();
        for (Future<Chunk> left : ahead) {
            try {
                left.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                // Nobody asks for it any more.
            }
        }
    }
}
