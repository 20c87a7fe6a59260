// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A plain file as a container, so that these tests need nothing of the raw format. */
class FileContainer implements DiskImage {
    private final FileChannel channel;

    FileContainer(Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.RAW;
    }

    @Override
    public long sizeBytes() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        long at = guestOffset;
        while (target.hasRemaining()) {
            int count = channel.read(target, at);
            if (count < 0) {
                throw new EOFException();
            }
            at += count;
        }
    }

    @Override
    public void write(long guestOffset, ByteBuffer source) throws IOException {
        long at = guestOffset;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    @Override
    public void zero(long guestOffset, long lengthBytes, boolean unmap) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void discard(long guestOffset, long lengthBytes) {}

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        visitor.visit(new Extent(guestOffset, lengthBytes, Extent.Kind.DATA, 0, guestOffset, null));
    }

    @Override
    public void resize(long sizeBytes) throws IOException {
        long size = channel.size();
        if (sizeBytes < size) {
            channel.truncate(sizeBytes);
        } else if (sizeBytes > size) {
            channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
        }
    }

    @Override
    public void flush() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
