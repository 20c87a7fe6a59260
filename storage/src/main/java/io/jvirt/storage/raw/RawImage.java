// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.raw;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that is the bytes of a file, rounded up to whole sectors as QEMU does; what is beyond its end reads as zeros. */
public final class RawImage implements DiskImage {
    private static final long SECTOR_BYTES = 512;

    private final ByteStore store;
    private volatile long sizeBytes;

    public RawImage(ByteStore store) throws IOException {
        this.store = store;
        this.sizeBytes = roundUp(store.sizeBytes());
    }

    private static long roundUp(long bytes) {
        return (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    }

    /** What the image lies on. */
    public ByteStore store() {
        return store;
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.RAW;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean isReadOnly() {
        return store.isReadOnly();
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        checkRange(guestOffset, target.remaining());
        store.readZeroPadded(guestOffset, target);
    }

    @Override
    public void write(long guestOffset, ByteBuffer source) throws IOException {
        checkWritable(guestOffset, source.remaining());
        store.write(guestOffset, source);
    }

    @Override
    public void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        checkWritable(guestOffset, lengthBytes);
        if (!unmap || !store.punchHole(guestOffset, lengthBytes)) {
            store.zeroRange(guestOffset, lengthBytes);
        }
    }

    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        checkWritable(guestOffset, lengthBytes);
        store.punchHole(guestOffset, lengthBytes);
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        checkRange(guestOffset, lengthBytes);
        long end = guestOffset + lengthBytes;
        long at = guestOffset;
        while (at < end) {
            long data = Math.min(end, store.nextData(at));
            if (data >= store.sizeBytes()) {
                data = end;
            }
            if (data > at) {
                visitor.visit(new Extent(at, data - at, Extent.Kind.ZERO, 0, at, store.name()));
                at = data;
            }
            if (at < end) {
                long hole = Math.min(end, store.nextHole(at));
                if (end > store.sizeBytes() && hole == store.sizeBytes()) {
                    hole = end;
                }
                visitor.visit(new Extent(at, hole - at, Extent.Kind.DATA, 0, at, store.name()));
                at = hole;
            }
        }
    }

    @Override
    public void resize(long newSizeBytes) throws IOException {
        checkWritable(0, 0);
        long rounded = roundUp(newSizeBytes);
        store.truncate(rounded);
        sizeBytes = roundUp(store.sizeBytes());
    }

    @Override
    public void flush() throws IOException {
        store.sync();
    }

    private void checkWritable(long guestOffset, long lengthBytes) throws IOException {
        if (store.isReadOnly()) {
            throw new StorageException("'" + store.name() + "' is open for reading only");
        }
        checkRange(guestOffset, lengthBytes);
    }

    private void checkRange(long guestOffset, long lengthBytes) throws IOException {
        if (guestOffset < 0 || lengthBytes < 0 || guestOffset > sizeBytes - lengthBytes) {
            throw new StorageException("'" + store.name() + "' has " + sizeBytes + " bytes; " + lengthBytes
                    + " bytes at offset " + guestOffset + " are not within it");
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
