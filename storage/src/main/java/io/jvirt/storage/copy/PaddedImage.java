// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** An image seen as a disk of another size: cut off, or filled up with zeros. None at all is all zeros. Read only. */
final class PaddedImage extends ReadOnlyView {
    private final @Nullable DiskImage image;
    private final long imageBytes;
    private final long sizeBytes;

    PaddedImage(@Nullable DiskImage image, long sizeBytes) {
        super("a view of an image");
        this.image = image;
        this.imageBytes = image == null ? 0 : Math.min(image.sizeBytes(), sizeBytes);
        this.sizeBytes = sizeBytes;
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
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        int inImage = (int) Math.max(0, Math.min(target.remaining(), imageBytes - guestOffset));
        if (image != null && inImage > 0) {
            int limit = target.limit();
            image.read(guestOffset, target.limit(target.position() + inImage));
            target.limit(limit);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        long end = guestOffset + lengthBytes;
        if (image != null && guestOffset < imageBytes) {
            image.map(guestOffset, Math.min(end, imageBytes) - guestOffset, visitor);
        }
        long from = Math.max(guestOffset, imageBytes);
        if (from < end) {
            visitor.visit(new Extent(from, end - from, Extent.Kind.UNALLOCATED, 0, -1, null));
        }
    }

    @Override
    public void close() {}
}
