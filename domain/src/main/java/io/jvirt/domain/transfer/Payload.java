// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that are to be stored elsewhere. While it is open nobody may write to what it reads. */
public interface Payload extends Closeable {
    /** What messages call it. */
    String name();

    long lengthBytes() throws IOException;

    /** The first offset at or after this one that may hold other bytes than zeros; the length where there is none. */
    long nextData(long offset) throws IOException;

    /** The first offset at or after this one from which on zeros follow, as far as is known without reading. */
    long nextHole(long offset) throws IOException;

    /** Fills {@code target}; what lies beyond the end reads as zeros. */
    void read(long offset, ByteBuffer target) throws IOException;

    /** Changes whenever the content may have changed: the files' sizes, inodes and times. */
    String fingerprint() throws IOException;

    /** A block that is not zero was read to be sent; told in ascending order, from the first one on. */
    default void hashed(long index, byte[] hash) {}

    /** All blocks were, up to the end. */
    default void allHashed() throws IOException {}

    /** Bytes from {@code from} on that are not known to be zeros. */
    default long dataBytes(long from) throws IOException {
        long sum = 0;
        long length = lengthBytes();
        for (long at = nextData(from); at < length; ) {
            long end = Math.min(length, nextHole(at));
            sum += end - at;
            at = nextData(end);
        }
        return sum;
    }
}
