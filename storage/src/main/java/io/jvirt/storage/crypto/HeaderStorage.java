// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a LUKS header and its key material lie: the start of a raw volume, or the header clusters of a qcow2 image. */
public interface HeaderStorage {
    /** Length of the place in bytes; nothing is read or written beyond it. */
    long sizeBytes() throws IOException;

    /** Fills the buffer. */
    void read(long offset, ByteBuffer target) throws IOException;

    /** Writes what remains in the buffer. */
    void write(long offset, ByteBuffer source) throws IOException;

    /** Everything written is on the disk once this returns. */
    void flush() throws IOException;
}
