// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Content;
import io.jvirt.storage.copy.DigestTree;
import io.jvirt.storage.file.PageBuffer;
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

/** Reads and hashes what there is, ahead of the one who takes it and in order. Holes are left out. */
final class BlockReader implements Closeable {
    private static final int CHUNK_BYTES = Frame.MOST_DATA_BYTES;
    private static final int THREADS =
            Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
    private static final int AHEAD = 2 * THREADS + 2;

    private static final ExecutorService WORKERS = Executors.newFixedThreadPool(THREADS, BlockReader::daemon);
    private static final ThreadLocal<DigestTree.Hasher> HASHER = ThreadLocal.withInitial(DigestTree.Hasher::new);

    /** Outside of the heap: files are read, and pipes written, without another copy. For one reader after the other. */
    private static final Queue<ByteBuffer> SPARE = new ConcurrentLinkedQueue<>();

    private final Content content;
    private final long limit;
    private final Deque<Future<Chunk>> ahead = new ArrayDeque<>();
    private final @Nullable Packer packer;
    private long at;
    private long end;

    /**
     * A reader.
     *
     * @param to where to end; at the content's length at the latest
     * @param packer makes the parts that travel; null where that is decided later
     */
    BlockReader(Content content, long from, long to, @Nullable Packer packer) throws IOException {
        this.packer = packer;
        this.content = content;
        this.limit = Math.min(to, content.lengthBytes());
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
        SPARE.add(chunk.data());
    }

    /** Hands the next part to a worker; false at the end. Maps are asked on this thread alone. */
    private boolean plan() throws IOException {
        if (at >= end) {
            long data = at >= limit ? limit : content.nextData(at);
            if (data >= limit) {
                at = limit;
                return false;
            }
            at = Math.max(at, data / BlockHashes.BLOCK_BYTES * BlockHashes.BLOCK_BYTES);
            end = Math.min(limit, BlockHashes.roundUp(Math.max(content.nextHole(data), data + 1)));
        }
        long from = at;
        int part = (int) Math.min(CHUNK_BYTES, end - from);
        ahead.add(WORKERS.submit(() -> read(from, part)));
        at += part;
        return true;
    }

    private Chunk read(long from, int part) throws IOException {
        ByteBuffer data = SPARE.poll();
        if (data == null) {
            data = PageBuffer.allocate(CHUNK_BYTES).order(ByteOrder.nativeOrder());
        }
        content.read(from, data.clear().limit(part));
        int blocks = (part + BlockHashes.BLOCK_BYTES - 1) / BlockHashes.BLOCK_BYTES;
        byte[] @Nullable [] hashes = new byte[blocks][];
        for (int i = 0; i < blocks; i++) {
            int start = i * BlockHashes.BLOCK_BYTES;
            hashes[i] = HASHER.get().leaf(data, start, Math.min(BlockHashes.BLOCK_BYTES, part - start));
        }
        return new Chunk(from, part, data, hashes, packer == null ? List.of() : packer.parts(data, part, hashes));
    }

    @Override
    public void close() {
        // Waited for, as it reads what is closed next; without an interrupt, which would close it now.
        for (Future<Chunk> left : ahead) {
            try {
                giveBack(left.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                // Nobody asks for it any more.
            }
        }
    }
}
