// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Images seen in another way, which can only be read. */
abstract class ReadOnlyView implements DiskImage {
    private final String what;

    /** @param what the beginning of the message for whoever tries to write */
    ReadOnlyView(String what) {
        this.what = what;
    }

    private StorageException readOnly() {
        return new StorageException(what + " can only be read");
    }

    @Override
    public final boolean isReadOnly() {
        return true;
    }

    @Override
    public final void write(long guestOffset, ByteBuffer source) throws IOException {
        throw readOnly();
    }

    @Override
    public final void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        throw readOnly();
    }

    @Override
    public final void discard(long guestOffset, long lengthBytes) throws IOException {
        throw readOnly();
    }

    @Override
    public final void resize(long sizeBytes) throws IOException {
        throw readOnly();
    }

    @Override
    public final void flush() {}
}
