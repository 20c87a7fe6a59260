// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.storage.copy.DigestTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Reads back what libvirt has stored while the rest is sent: compares it with the payload, and hashes it for the digest of
 * all. A thread of its own, which asks for what has been told to be stored and no more.
 */
final class ReadBack implements Closeable {
    private static final int BLOCK_BYTES = DigestTree.LEAF_BYTES;
    private static final long GIVEN_UP = -1;

    private final Host host;
    private final Volume volume;
    private final Payload payload;
    private final long lengthBytes;
    private final BlockingQueue<Long> stored = new LinkedBlockingQueue<>();
    private final FutureTask<String> reading = new FutureTask<>(this::read);
    private final DigestTree tree;
    private final DigestTree.Hasher hasher = new DigestTree.Hasher();
    private final ByteBuffer here = ByteBuffer.allocateDirect(BLOCK_BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer there = ByteBuffer.allocateDirect(BLOCK_BYTES).order(ByteOrder.nativeOrder());

    /** Of a payload that is sent from its beginning. */
    ReadBack(Host host, Volume volume, Payload payload) throws IOException {
        this.host = host;
        this.volume = volume;
        this.payload = payload;
        this.lengthBytes = payload.lengthBytes();
        this.tree = new DigestTree(lengthBytes);
        Thread thread = new Thread(reading, "read-back");
        thread.setDaemon(true);
        thread.start();
    }

    /** The file there reaches up to this offset. Throws where something before it was found not to be as it was sent. */
    void stored(long offset) throws IOException {
        stored.add(offset);
        if (reading.isDone()) {
            digest();
        }
    }

    /** The digest of all, when it has been read; all of it must be stored. */
    String digest() throws IOException {
        try {
            return reading.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IOException(e.getCause());
        }
    }

    private String read() throws IOException {
        try {
            long at = 0;
            while (at < lengthBytes) {
                long offset = stored.take();
                if (offset == GIVEN_UP) {
                    throw new IOException("given up");
                }
                // What is hashed are whole blocks.
                long end = offset >= lengthBytes ? lengthBytes : offset / BLOCK_BYTES * BLOCK_BYTES;
                if (at < end) {
                    compare(at, end);
                    at = end;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        payload.allHashed();
        return tree.hex();
    }

    private void compare(long from, long to) throws IOException {
        try (Stream stream = volume.download(host, from, to - from, true)) {
            long hole = 0;
            for (long at = from; at < to; ) {
                int block = (int) Math.min(BLOCK_BYTES, to - at);
                there.clear().limit(block);
                while (there.hasRemaining() && (there.position() > 0 || hole < block)) {
                    if (hole > 0) {
                        int zeros = (int) Math.min(hole, there.remaining());
                        for (int i = 0; i < zeros; i++) {
                            there.put((byte) 0);
                        }
                        hole -= zeros;
                        continue;
                    }
                    int got = stream.receive(there);
                    if (got < 0) {
                        throw new NotStoredException(at + there.position());
                    }
                    hole = got == 0 ? stream.receiveHole() : 0;
                }
                long end = at + block;
                if (there.position() > 0) {
                    compareBlock(at, block);
                } else {
                    end = hole >= to - at ? to : at + hole / BLOCK_BYTES * BLOCK_BYTES;
                    refuseData(at, end);
                    hole -= end - at;
                }
                at = end;
            }
            stream.finish();
        }
    }

    private void compareBlock(long at, int length) throws IOException {
        payload.read(at, here.clear().limit(length));
        int difference = here.flip().mismatch(there.flip());
        if (difference >= 0) {
            throw new NotStoredException(at + difference);
        }
        byte[] hash = hasher.leaf(here, 0, length);
        if (hash != null) {
            tree.add(at / BLOCK_BYTES, hash);
            payload.hashed(at / BLOCK_BYTES, hash);
        }
    }

    private void refuseData(long from, long to) throws IOException {
        long data = VolumeTransport.firstData(payload, from, to, here);
        if (data >= 0) {
            throw new NotStoredException(data);
        }
    }

    /** Returns when nothing of the payload is read any more. */
    @Override
    public void close() {
        stored.add(GIVEN_UP);
        boolean interrupted = false;
        while (!reading.isDone()) {
            try {
                reading.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
