// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.Closeable;
import java.io.IOException;

/** Bytes that are to be stored elsewhere. While it is open nobody may write to what it reads. */
public interface Payload extends Content, Closeable {
    /** What messages call it. */
    String name();

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
