// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A disk as a channel with a position, for code that knows channels and not images. Closing it closes the disk. */
public final class DiskChannel implements SeekableByteChannel {
    private final DiskImage disk;
    private long position;
    private boolean open = true;

    public DiskChannel(DiskImage disk) {
        this.disk = disk;
    }

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        checkOpen();
        long rest = disk.sizeBytes() - position;
        if (rest <= 0) {
            return -1;
        }
        int count = (int) Math.min(rest, target.remaining());
        int limit = target.limit();
        target.limit(target.position() + count);
        try {
            disk.read(position, target);
        } finally {
            target.limit(limit);
        }
        position += count;
        return count;
    }

    /** Writes within the disk, whose size a write does not change; beyond its end is an error. */
    @Override
    public synchronized int write(ByteBuffer source) throws IOException {
        checkOpen();
        checkWritable();
        int count = source.remaining();
        disk.write(position, source);
        position += count;
        return count;
    }

    @Override
    public synchronized long position() throws IOException {
        checkOpen();
        return position;
    }

    @Override
    public synchronized SeekableByteChannel position(long newPosition) throws IOException {
        checkOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("position " + newPosition);
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        return disk.sizeBytes();
    }

    /** Shrinks the disk; a size at or above the present one changes nothing, as for files. */
    @Override
    public synchronized SeekableByteChannel truncate(long newSizeBytes) throws IOException {
        checkOpen();
        checkWritable();
        if (newSizeBytes < disk.sizeBytes()) {
            disk.resize(newSizeBytes);
        }
        position = Math.min(position, newSizeBytes);
        return this;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    private void checkWritable() {
        if (disk.isReadOnly()) {
            throw new NonWritableChannelException();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (open) {
            open = false;
            disk.close();
        }
    }
}
