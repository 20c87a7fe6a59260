// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes with holes. What tells where they are is for one thread; any number of threads read. */
public interface Content {
    long lengthBytes() throws IOException;

    /** The first offset at or after this one that may hold other bytes than zeros; the length where there is none. */
    long nextData(long offset) throws IOException;

    /** The first offset at or after this one from which on zeros follow, as far as is known without reading. */
    long nextHole(long offset) throws IOException;

    /** Fills {@code target}; what lies beyond the end reads as zeros. */
    void read(long offset, ByteBuffer target) throws IOException;
}
