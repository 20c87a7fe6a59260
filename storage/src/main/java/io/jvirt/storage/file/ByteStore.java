// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes at offsets: what an image format lies on. A file, a device, or a layer over one of them (tests put faults and
 * recordings here).
 *
 * <p>Reads and writes are positional, may run on several threads at once, and leave no short transfers to the caller.
 */
public interface ByteStore extends Closeable {
    /** What messages call it: the path as it was given. */
    String name();

    boolean isReadOnly();

    long sizeBytes() throws IOException;

    /** Reads until {@code target} is full or the end is reached; answers how many bytes came. */
    int readUpTo(long hostOffset, ByteBuffer target) throws IOException;

    /** Writes all that remains in {@code source}; the store grows as needed. */
    void write(long hostOffset, ByteBuffer source) throws IOException;

    /** Sets the size; new bytes read as zeros. */
    void truncate(long sizeBytes) throws IOException;

    /** Makes the host set space aside for the range, which keeps its content; the store grows as needed. */
    void allocate(long hostOffset, long lengthBytes) throws IOException;

    /** Gives the range's space back to the host, so that it reads as zeros; false where the host cannot. */
    boolean punchHole(long hostOffset, long lengthBytes) throws IOException;

    /** Makes the range read as zeros and stay allocated, without writing them where the host can. */
    void zeroRange(long hostOffset, long lengthBytes) throws IOException;

    /** The first offset at or after this one that holds data, or the store's size where only a hole follows. */
    long nextData(long hostOffset) throws IOException;

    /** The first offset at or after this one that lies in a hole; the end of the store counts as one. */
    long nextHole(long hostOffset) throws IOException;

    /** Whether the size is given, as a block device's is, and old content may be anywhere. */
    default boolean isDevice() {
        return false;
    }

    /** Writes zeros, so that all of the range is allocated. */
    default void writeZeros(long hostOffset, long lengthBytes) throws IOException {
        zeroRange(hostOffset, lengthBytes);
    }

    /** Bytes that the host has set aside, which is less than the size for a sparse file. */
    long allocatedBytes() throws IOException;

    /** What was written survives a power cut once this returns. */
    void sync() throws IOException;

    /** Fills {@code target}; an end of the store before that is an error. */
    default void read(long hostOffset, ByteBuffer target) throws IOException {
        int wanted = target.remaining();
        int got = readUpTo(hostOffset, target);
        if (got < wanted) {
            throw new ShortReadException(name(), hostOffset, wanted, got);
        }
    }

    /** Fills {@code target}; what lies beyond the end of the store reads as zeros. */
    default void readZeroPadded(long hostOffset, ByteBuffer target) throws IOException {
        readUpTo(hostOffset, target);
        while (target.remaining() >= Long.BYTES) {
            target.putLong(0);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }
}
