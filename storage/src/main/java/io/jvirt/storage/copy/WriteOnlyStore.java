// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A store that takes writes and nothing else: where a new image is planned or streamed. */
abstract class WriteOnlyStore implements ByteStore {
    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public int readUpTo(long hostOffset, ByteBuffer target) throws IOException {
        throw onlyWrites();
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        throw onlyWrites();
    }

    @Override
    public void allocate(long hostOffset, long lengthBytes) throws IOException {
        throw onlyWrites();
    }

    @Override
    public boolean punchHole(long hostOffset, long lengthBytes) throws IOException {
        throw onlyWrites();
    }

    @Override
    public void zeroRange(long hostOffset, long lengthBytes) throws IOException {
        throw onlyWrites();
    }

    @Override
    public long nextData(long hostOffset) throws IOException {
        throw onlyWrites();
    }

    @Override
    public long nextHole(long hostOffset) throws IOException {
        throw onlyWrites();
    }

    @Override
    public long allocatedBytes() throws IOException {
        throw onlyWrites();
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}

    private IOException onlyWrites() {
        return new IOException("'" + name() + "' can only be written");
    }
}
