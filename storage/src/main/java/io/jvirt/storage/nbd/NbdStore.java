// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An export as what an image format lies on. Its size is the server's and stays as it is. */
public final class NbdStore implements ByteStore {
    /** Where the next data or hole begins is asked for in pieces, as the answer is usually near. */
    private static final long SEARCH_BYTES = 1L << 30;

    private final NbdImage export;

    /** The store owns the export. */
    public NbdStore(NbdImage export) {
        this.export = export;
    }

    @Override
    public String name() {
        return export.address().toString();
    }

    @Override
    public boolean isReadOnly() {
        return export.isReadOnly();
    }

    @Override
    public boolean isDevice() {
        return true;
    }

    @Override
    public long sizeBytes() {
        return export.sizeBytes();
    }

    @Override
    public int readUpTo(long hostOffset, ByteBuffer target) throws IOException {
        int length = (int) Math.max(0, Math.min(target.remaining(), sizeBytes() - hostOffset));
        int limit = target.limit();
        target.limit(target.position() + length);
        export.read(Math.min(hostOffset, sizeBytes()), target);
        target.limit(limit);
        return length;
    }

    @Override
    public void write(long hostOffset, ByteBuffer source) throws IOException {
        refuseBeyond(hostOffset + source.remaining());
        export.write(hostOffset, source);
    }

    private void refuseBeyond(long endOffset) throws StorageException {
        if (endOffset > sizeBytes()) {
            throw new StorageException(
                    "'" + name() + "' has no room: " + endOffset + " bytes are needed, the export has " + sizeBytes(),
                    "export a larger disk");
        }
    }

    /** A device does not shrink; what lies behind the new end is of no interest any more. */
    @Override
    public void truncate(long sizeBytes) throws IOException {
        refuseGrowth(sizeBytes, "");
    }

    @Override
    public void allocate(long hostOffset, long lengthBytes) throws IOException {
        refuseGrowth(hostOffset + lengthBytes, "Failed to resize underlying file: ");
    }

    /** In the words that QEMU has for an export that would have to become larger. */
    private void refuseGrowth(long endOffset, String what) throws StorageException {
        if (endOffset > sizeBytes()) {
            throw new StorageException(
                    "Could not resize image: " + what + "Cannot grow NBD nodes",
                    endOffset + " bytes are needed, '" + name() + "' has " + sizeBytes());
        }
    }

    /** With zeros, not with a trim: a trimmed range may read as anything. */
    @Override
    public boolean punchHole(long hostOffset, long lengthBytes) throws IOException {
        long end = Math.min(hostOffset + lengthBytes, sizeBytes());
        if (hostOffset < end) {
            export.zero(hostOffset, end - hostOffset, true);
        }
        return true;
    }

    @Override
    public void zeroRange(long hostOffset, long lengthBytes) throws IOException {
        refuseBeyond(hostOffset + lengthBytes);
        export.zero(hostOffset, lengthBytes, false);
    }

    @Override
    public long nextData(long hostOffset) throws IOException {
        return next(hostOffset, false);
    }

    @Override
    public long nextHole(long hostOffset) throws IOException {
        return next(hostOffset, true);
    }

    private long next(long hostOffset, boolean zero) throws IOException {
        long[] found = {-1};
        for (long at = hostOffset; at < sizeBytes() && found[0] < 0; at += SEARCH_BYTES) {
            export.map(at, Math.min(SEARCH_BYTES, sizeBytes() - at), extent -> {
                if (found[0] < 0 && extent.kind().readsAsZero() == zero) {
                    found[0] = extent.guestOffset();
                }
            });
        }
        return found[0] < 0 ? sizeBytes() : found[0];
    }

    @Override
    public long allocatedBytes() {
        return sizeBytes();
    }

    @Override
    public void sync() throws IOException {
        export.flush();
    }

    @Override
    public void close() throws IOException {
        export.close();
    }
}
