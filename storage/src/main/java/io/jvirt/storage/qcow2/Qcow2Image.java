// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An open qcow2 image: the front of this package. Each operation is done by a class of its own; here is what all of them
 * share: the lock, the dirty mark, the order of flushing and closing. Reads and writes run side by side; what frees or moves
 * clusters runs alone.
 */
public final class Qcow2Image implements DiskImage {
    private final Tables tables;
    private final ClusterReader reader;
    private final ClusterWriter writer;
    private final ClusterEraser eraser;
    private final CompressedWriter compressedWriter;
    private final @Nullable DiskImage backing;
    private final Bitmaps bitmaps;
    private final ExtentMap extents;
    private final @Nullable DataTransform transform;

    /** Shared while guest data is read or written; exclusive while clusters become free for other use. */
    private final ReentrantReadWriteLock activity = new ReentrantReadWriteLock();

    private volatile boolean changed;

    Qcow2Image(Tables tables, @Nullable DiskImage backing, @Nullable DataTransform transform) {
        this.tables = tables;
        this.backing = backing;
        this.bitmaps = new Bitmaps(this, tables);
        this.transform = transform;
        InFlight inFlight = new InFlight(tables);
        this.reader = new ClusterReader(tables, backing, transform);
        this.writer = new ClusterWriter(tables, reader, inFlight, transform);
        this.compressedWriter = new CompressedWriter(tables, reader, writer, inFlight);
        this.eraser = new ClusterEraser(tables, reader, writer, inFlight);
        this.extents = new ExtentMap(tables, reader, transform != null);
    }

    public Header header() {
        return tables.header();
    }

    /** The backing file, where there is one and it was opened. */
    public @Nullable DiskImage backing() {
        return backing;
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.QCOW2;
    }

    @Override
    public long sizeBytes() {
        return tables.header().virtualSizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return tables.file.isReadOnly();
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        tables.checkUsable(guestOffset, target.remaining(), false);
        activity.readLock().lock();
        try {
            reader.read(guestOffset, target);
        } finally {
            activity.readLock().unlock();
        }
    }

    @Override
    public void write(long guestOffset, ByteBuffer source) throws IOException {
        change(guestOffset, source.remaining(), () -> writer.write(guestOffset, source));
    }

    /**
     * Stores one cluster that the caller has compressed in the image's own way; the last cluster of the disk too is a
     * whole one. Several threads may do so at once.
     */
    public void writeCompressed(long guestOffset, ByteBuffer compressed) throws IOException {
        change(guestOffset, 0, () -> {
            bitmaps.record(guestOffset, tables.geometry.clusterBytes());
            compressedWriter.write(guestOffset, compressed);
        });
    }

    @Override
    public void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        change(guestOffset, lengthBytes, () -> eraser.zero(guestOffset, lengthBytes, unmap));
    }

    /** Version 2 knows data and nothing else. */
    public boolean hasZeroClusters() {
        return tables.header().version() >= 3;
    }

    @Override
    public void markZero(long guestOffset, long lengthBytes) throws IOException {
        change(guestOffset, lengthBytes, () -> eraser.markZero(guestOffset, lengthBytes));
    }

    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        change(guestOffset, lengthBytes, () -> eraser.discard(guestOffset, lengthBytes));
    }

    @FunctionalInterface
    interface Change {
        void run() throws IOException;
    }

    private void change(long guestOffset, long lengthBytes, Change change) throws IOException {
        tables.checkUsable(guestOffset, lengthBytes, true);
        activity.readLock().lock();
        try {
            prepareForChanges();
            bitmaps.record(guestOffset, lengthBytes);
            change.run();
        } finally {
            activity.readLock().unlock();
        }
        if (tables.releases.areMany()) {
            flush();
        }
    }

    /** Gives up clusters that hold nothing but zeros; as the guest sees no change, bitmaps do not either. */
    public void dropZeros(LongConsumer progress) throws IOException {
        tables.checkUsable(0, 0, true);
        activity.readLock().lock();
        try {
            prepareForChanges();
            new ZeroSweep(tables, reader, eraser).run(progress);
        } finally {
            activity.readLock().unlock();
        }
        flush();
    }

    void prepareForChanges() throws IOException {
        if (!changed) {
            tables.lock.lock();
            try {
                if (!changed) {
                    tables.prepareForChanges();
                    bitmaps.begin();
                    changed = true;
                }
            } finally {
                tables.lock.unlock();
            }
        }
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        tables.checkUsable(guestOffset, lengthBytes, false);
        extents.map(guestOffset, lengthBytes, visitor, changed);
    }

    @Override
    public void resize(long newSizeBytes) throws IOException {
        resize(newSizeBytes, Preallocation.OFF);
    }

    /** The same; clusters of the new part get their place where {@code preallocation} says so (metadata or falloc). */
    public void resize(long newSizeBytes, Preallocation preallocation) throws IOException {
        structure().resize(newSizeBytes, preallocation);
    }

    @Override
    public void flush() throws IOException {
        if (!changed) {
            return;
        }
        activity.writeLock().lock();
        tables.lock.lock();
        try {
            compressedWriter.startNewCluster();
            tables.flush();
        } finally {
            tables.lock.unlock();
            activity.writeLock().unlock();
        }
    }

    /**
     * The disk as it was when a snapshot was taken, for reading. It takes the place of this image, and closes what this
     * image would.
     */
    public Qcow2Image view(Snapshot snapshot) throws IOException {
        return Qcow2Opener.view(tables, backing, snapshot);
    }

    /** Changes of the image as a whole. */
    public ImageStructure structure() {
        return new ImageStructure(this, tables, eraser, transform);
    }

    /** The internal snapshots. */
    public Snapshots snapshots() {
        return new Snapshots(this, tables);
    }

    /** The persistent bitmaps. */
    public Bitmaps bitmaps() {
        return bitmaps;
    }

    /** Writes what is pending, then runs a change of the image's structure with the image to itself, and writes that. */
    void alone(Change change) throws IOException {
        exclusive(() -> {
            prepareForChanges();
            tables.flush();
            change.run();
            tables.flush();
        });
    }

    /** Writes what is pending, then runs a change with the image to itself. */
    void exclusive(Change change) throws IOException {
        tables.checkUsable(0, 0, true);
        flush();
        activity.writeLock().lock();
        tables.lock.lock();
        try {
            change.run();
        } finally {
            tables.lock.unlock();
            activity.writeLock().unlock();
        }
    }

    @Override
    public void close() throws IOException {
        try (ByteStore file = tables.file;
                ByteStore data = tables.externalData ? tables.data : null;
                DiskImage base = backing) {
            if (changed) {
                flush();
                // What the flush has freed is written now; a crash before this would only leak it.
                tables.lock.lock();
                try {
                    bitmaps.store();
                    tables.flush();
                } finally {
                    tables.lock.unlock();
                }
            }
            reader.close();
        }
    }
}
