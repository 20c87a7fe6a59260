// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Several images behind each other, for reading only. */
public final class ConcatenatedImage extends ReadOnlyView {
    private final List<DiskImage> parts;

    public ConcatenatedImage(List<DiskImage> parts) {
        super("several images behind each other");
        this.parts = List.copyOf(parts);
    }

    @Override
    public ImageFormat format() {
        return parts.get(0).format();
    }

    @Override
    public long sizeBytes() {
        long size = 0;
        for (DiskImage part : parts) {
            size += part.sizeBytes();
        }
        return size;
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        int end = target.limit();
        long at = guestOffset;
        long start = 0;
        for (DiskImage part : parts) {
            long partEnd = start + part.sizeBytes();
            if (at < partEnd && target.position() < end) {
                int count = (int) Math.min(end - target.position(), partEnd - at);
                part.read(at - start, target.limit(target.position() + count));
                at += count;
            }
            start = partEnd;
        }
        target.limit(end);
        if (target.hasRemaining()) {
            throw new StorageException("offset " + at + " is beyond the end of the disk");
        }
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        long end = guestOffset + lengthBytes;
        long start = 0;
        for (DiskImage part : parts) {
            long partEnd = start + part.sizeBytes();
            long from = Math.max(guestOffset, start);
            long to = Math.min(end, partEnd);
            if (from < to) {
                long shift = start;
                part.map(
                        from - start,
                        to - from,
                        extent -> visitor.visit(new Extent(
                                extent.guestOffset() + shift,
                                extent.lengthBytes(),
                                extent.kind(),
                                extent.depth(),
                                extent.hostOffset(),
                                extent.file())));
            }
            start = partEnd;
        }
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (DiskImage part : parts) {
            try {
                part.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
