// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.libvirt.Stream;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** A file's bytes through a stream of libvirt; holes travel as holes. A transfer that fails is aborted, never committed. */
public final class SparseTransfer {
    private SparseTransfer() {}

    /**
     * Sends a file to a stream that was opened sparse.
     *
     * @param done takes the bytes, holes included, that have been sent so far
     */
    public static void send(HostFile file, Stream stream, Cancellation cancellation, LongConsumer done)
            throws IOException {
        try {
            long end = file.sizeBytes();
            ByteBuffer chunk = PageBuffer.allocate(Stream.CHUNK_BYTES);
            long at = 0;
            while (at < end) {
                long data = Math.min(end, file.nextData(at));
                if (data > at) {
                    stream.sendHole(data - at);
                    at = data;
                }
                long hole = at < end ? Math.min(end, file.nextHole(at)) : end;
                while (at < hole) {
                    cancellation.check();
                    chunk.clear().limit((int) Math.min(chunk.capacity(), hole - at));
                    int length = file.readUpTo(at, chunk);
                    if (length <= 0) {
                        throw new IOException(file.name() + " became shorter while it was read");
                    }
                    stream.send(chunk.flip());
                    at += length;
                    done.accept(at);
                }
                done.accept(at);
            }
        } catch (IOException | RuntimeException e) {
            stream.abort();
            throw e;
        }
        stream.finish();
    }

    /** Receives into an empty file what a stream that was opened sparse brings. */
    public static void receive(Stream stream, HostFile file, Cancellation cancellation, LongConsumer done)
            throws IOException {
        try {
            ByteBuffer chunk = PageBuffer.allocate(Stream.CHUNK_BYTES);
            long at = 0;
            for (int length = stream.receive(chunk.clear()); length >= 0; length = stream.receive(chunk.clear())) {
                cancellation.check();
                if (length == 0) {
                    at += stream.receiveHole();
                } else {
                    file.write(at, chunk.flip());
                    at += length;
                }
                done.accept(at);
            }
            // A hole at the end has written nothing.
            file.truncate(at);
        } catch (IOException | RuntimeException e) {
            stream.abort();
            throw e;
        }
        stream.finish();
    }
}
