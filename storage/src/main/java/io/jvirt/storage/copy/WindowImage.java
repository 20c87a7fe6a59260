// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A part of an image as a disk of its own, such as that of the options {@code offset} and {@code size} of format raw. */
public final class WindowImage implements DiskImage {
    private final DiskImage whole;
    private final long offset;
    private final long sizeBytes;

    public WindowImage(DiskImage whole, long offset, long sizeBytes) throws StorageException {
        this.whole = whole;
        this.offset = offset;
        this.sizeBytes = sizeBytes;
        if (offset < 0 || offset > whole.sizeBytes()) {
            throw new StorageException("Offset (" + Long.toUnsignedString(offset)
                    + ") cannot be greater than size of the containing file (" + whole.sizeBytes() + ")");
        }
        if (sizeBytes < 0 || sizeBytes > whole.sizeBytes() - offset) {
            throw new StorageException("The sum of offset (" + offset + ") and size ("
                    + Long.toUnsignedString(sizeBytes)
                    + ") has to be smaller or equal to the  actual size of the containing file (" + whole.sizeBytes()
                    + ")");
        }
    }

    @Override
    public ImageFormat format() {
        return whole.format();
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean isReadOnly() {
        return whole.isReadOnly();
    }

    private void check(long guestOffset, long lengthBytes) throws StorageException {
        if (guestOffset < 0 || lengthBytes < 0 || guestOffset > sizeBytes - lengthBytes) {
            throw new StorageException("offset " + guestOffset + " is beyond the end of the disk");
        }
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        check(guestOffset, target.remaining());
        whole.read(offset + guestOffset, target);
    }

    @Override
    public void write(long guestOffset, ByteBuffer source) throws IOException {
        check(guestOffset, source.remaining());
        whole.write(offset + guestOffset, source);
    }

    @Override
    public void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        check(guestOffset, lengthBytes);
        whole.zero(offset + guestOffset, lengthBytes, unmap);
    }

    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        check(guestOffset, lengthBytes);
        whole.discard(offset + guestOffset, lengthBytes);
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        check(guestOffset, lengthBytes);
        whole.map(
                offset + guestOffset,
                lengthBytes,
                extent -> visitor.visit(new Extent(
                        extent.guestOffset() - offset,
                        extent.lengthBytes(),
                        extent.kind(),
                        extent.depth(),
                        extent.hostOffset(),
                        extent.file())));
    }

    @Override
    public void resize(long newSizeBytes) throws IOException {
        throw new StorageException("Cannot resize an image with a fixed offset and size");
    }

    @Override
    public void flush() throws IOException {
        whole.flush();
    }

    @Override
    public void close() throws IOException {
        whole.close();
    }
}
