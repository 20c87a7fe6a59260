// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.NavigableMap;

/**
 * A channel that is written from its start to its end. Writes come in the order of their offsets; what lies between them
 * is taken from the recorded tables, or is zeros. Used by one thread at a time.
 */
final class StreamStore extends WriteOnlyStore {
    private static final int ZERO_BYTES = 64 << 10;

    private final WritableByteChannel channel;
    private final long sizeBytes;
    private final NavigableMap<Long, byte[]> tables;
    private final ByteBuffer zeros = PageBuffer.allocate(ZERO_BYTES);
    private long position;

    /**
     * @param sizeBytes how long the stream will be
     * @param tables pieces to write at their offsets, none of which overlaps another write
     */
    StreamStore(WritableByteChannel channel, long sizeBytes, NavigableMap<Long, byte[]> tables) {
        this.channel = channel;
        this.sizeBytes = sizeBytes;
        this.tables = tables;
    }

    @Override
    public String name() {
        return "stream";
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void write(long hostOffset, ByteBuffer source) throws IOException {
        fillTo(hostOffset);
        put(source);
    }

    /** Writes what is left up to the end. */
    void finish() throws IOException {
        fillTo(sizeBytes);
    }

    private void fillTo(long hostOffset) throws IOException {
        if (hostOffset < position) {
            throw new IOException("a write at " + hostOffset + " comes after the stream reached " + position);
        }
        Map.Entry<Long, byte[]> table = tables.ceilingEntry(position);
        while (table != null && table.getKey() < hostOffset) {
            putZeros(table.getKey() - position);
            put(ByteBuffer.wrap(table.getValue()));
            table = tables.ceilingEntry(position);
        }
        putZeros(hostOffset - position);
    }

    private void putZeros(long lengthBytes) throws IOException {
        for (long left = lengthBytes; left > 0; left -= ZERO_BYTES) {
            put(zeros.clear().limit((int) Math.min(left, ZERO_BYTES)));
        }
    }

    private void put(ByteBuffer bytes) throws IOException {
        position += bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
