// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.LuksOptions;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.format.FeatureNames;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An open qcow2 image: the front of this package. Each operation is done by a class of its own; here is what all of them share,
 * and so what makes this file long: the lock, the dirty mark, the order of flushing and closing. Reads and writes run side by
 * side; what frees or moves clusters runs alone.
 */
public final class Qcow2Image implements DiskImage {
    private static final int TOP_CACHE_BYTES = 32 << 20;
    private static final int BACKING_CACHE_BYTES = 4 << 20;
    private static final int DEEP_CACHE_BYTES = 256 << 10;
    private static final int DEEP = 8;

    private final Tables tables;
    private final ClusterReader reader;
    private final ClusterWriter writer;
    private final ClusterEraser eraser;
    private final CompressedWriter compressedWriter;
    private final @Nullable DiskImage backing;
    private final Bitmaps bitmaps;
    private final @Nullable DataTransform transform;

    /** Shared while guest data is read or written; exclusive while clusters become free for other use. */
    private final ReentrantReadWriteLock activity = new ReentrantReadWriteLock();

    private volatile boolean changed;
    private @Nullable Boolean preallocated;
    private @Nullable WalkBounds bounds;
    private long boundsEnd;

    private Qcow2Image(Tables tables, @Nullable DiskImage backing, @Nullable DataTransform transform) {
        this.tables = tables;
        this.backing = backing;
        this.bitmaps = new Bitmaps(this, tables);
        this.transform = transform;
        InFlight inFlight = new InFlight(tables);
        this.reader = new ClusterReader(tables, backing, transform);
        this.writer = new ClusterWriter(tables, reader, inFlight, transform);
        this.compressedWriter = new CompressedWriter(tables, reader, writer, inFlight);
        this.eraser = new ClusterEraser(tables, reader, writer, inFlight);
    }

    /**
     * Opens an image whose header has been read; closing it closes what it was given.
     *
     * @param dataFile the external data file where the header asks for one
     * @param backing the opened backing file, or null where there is none or none is wanted
     * @param depth 0 for the image itself, 1 for a backing file, and so on
     */
    public static Qcow2Image open(
            ByteStore file, Header header, @Nullable ByteStore dataFile, @Nullable DiskImage backing, int depth)
            throws IOException {
        return open(file, header, dataFile, backing, depth, null, finding -> {});
    }

    /**
     * The same with a layer that changes the data, such as encryption; {@code repairs} takes the findings when a dirty
     * image is repaired before it is written.
     */
    public static Qcow2Image open(
            ByteStore file,
            Header header,
            @Nullable ByteStore dataFile,
            @Nullable DiskImage backing,
            int depth,
            @Nullable DataTransform transform,
            Consumer<String> repairs)
            throws IOException {
        if (header.cryptMethod() != Header.CRYPT_NONE && transform == null) {
            throw new StorageException(
                    "Parameter 'encrypt.key-secret' is required for cipher",
                    "name the passphrase with --object secret,id=…,file=… and encrypt.key-secret=…");
        }
        if (!file.isReadOnly() && header.features().isCorrupt()) {
            throw new StorageException(
                    "qcow2: Image is corrupt; cannot be opened read/write", "repair it with check -r all");
        }
        Header sound = file.isReadOnly() || !header.features().isDirty() ? header : recountedHeader(file, repairs);
        int cache = depth == 0 ? TOP_CACHE_BYTES : depth < DEEP ? BACKING_CACHE_BYTES : DEEP_CACHE_BYTES;
        Tables tables = new Tables(file, dataFile == null ? file : dataFile, sound, cache);
        return new Qcow2Image(tables, backing, transform);
    }

    /** The refcounts of a dirty image can be too low: a writer that trusted them would overwrite data. */
    private static Header recountedHeader(ByteStore file, Consumer<String> repairs) throws IOException {
        Qcow2Check.run(file, Repair.ALL, repairs);
        file.sync();
        Header header = HeaderReader.read(file);
        if (header.features().isDirty()) {
            throw new StorageException(
                    "Could not repair dirty image '" + file.name() + "'",
                    "look at it with check, then use check -r all");
        }
        return header;
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

    private void prepareForChanges() throws IOException {
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
        ExtentVisitor told = visitor;
        if (transform != null) {
            // What lies at the host offset is not what the guest sees.
            told = extent -> visitor.visit(
                    extent.depth() == 0
                            ? new Extent(
                                    extent.guestOffset(), extent.lengthBytes(), extent.kind(), 0, -1, extent.file())
                            : extent);
        }
        WalkBounds walk = boundsFrom(guestOffset);
        ExtentWalk.walk(tables, walk, reader, guestOffset, lengthBytes, isPreallocated(), told);
        synchronized (this) {
            bounds = walk;
            boundsEnd = guestOffset + lengthBytes;
        }
    }

    /** Calls that go on behind the last one are one walk, which is bounded as a whole. */
    private synchronized WalkBounds boundsFrom(long guestOffset) throws IOException {
        WalkBounds present = guestOffset >= boundsEnd && !changed ? bounds : null;
        bounds = null;
        return present == null ? new WalkBounds(tables) : present;
    }

    /** Whether data clusters may be holes of the host file: then the map looks there too. */
    private synchronized boolean isPreallocated() throws IOException {
        Boolean known = preallocated;
        if (known == null) {
            known = PreallocationProbe.isPreallocated(tables);
            preallocated = known;
        }
        return known;
    }

    @Override
    public void resize(long newSizeBytes) throws IOException {
        resize(newSizeBytes, Preallocation.OFF);
    }

    /** The same; clusters of the new part get their place where {@code preallocation} says so (metadata or falloc). */
    public void resize(long newSizeBytes, Preallocation preallocation) throws IOException {
        long oldSizeBytes = sizeBytes();
        tables.checkUsable(0, 0, true);
        flush();
        activity.writeLock().lock();
        tables.lock.lock();
        try {
            prepareForChanges();
            bitmaps.beforeResize();
            boolean allocates = preallocation != Preallocation.OFF && newSizeBytes > oldSizeBytes;
            boolean hides = allocates && Preallocator.canHide(tables);
            new Resizer(tables, eraser, backing).resize(newSizeBytes, !hides);
            if (allocates) {
                boolean longer = backing != null && backing.sizeBytes() > oldSizeBytes;
                new Preallocator(tables, eraser).allocate(oldSizeBytes, newSizeBytes, preallocation, hides && longer);
                tables.flush();
            }
            bitmaps.resized();
        } finally {
            tables.lock.unlock();
            activity.writeLock().unlock();
        }
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
        if (tables.header().cryptMethod() != Header.CRYPT_NONE) {
            throw new StorageException("'" + tables.file.name() + "' is encrypted: its snapshots cannot be read alone");
        }
        TableLocation l1 = snapshot.l1();
        if (l1.entries() < 0 || l1.entries() > Header.MAX_L1_BYTES / 8) {
            throw new StorageException("Snapshot L1 table too large");
        }
        if (l1.hostOffset() < 0 || tables.geometry.offsetInCluster(l1.hostOffset()) != 0) {
            throw new StorageException("Snapshot L1 table offset invalid");
        }
        Header then = tables.header().withL1(snapshot.l1()).withVirtualSize(snapshot.virtualSizeBytes());
        ByteStore data = tables.externalData ? tables.data : null;
        return open(tables.file, then, data, backing, 0, null, finding -> {});
    }

    /** Writes what is pending, then the header that {@code change} makes of the present one. */
    public void changeHeader(HeaderChange change) throws IOException {
        tables.checkUsable(0, 0, true);
        flush();
        activity.writeLock().lock();
        tables.lock.lock();
        try {
            tables.writeHeader(change.of(tables.header()));
        } finally {
            tables.lock.unlock();
            activity.writeLock().unlock();
        }
    }

    /** Makes one header of another; table places, sizes and geometry stay as they are. */
    @FunctionalInterface
    public interface HeaderChange {
        Header of(Header present) throws IOException;
    }

    /** Takes how much of some work is done. */
    @FunctionalInterface
    public interface WorkProgress {
        void done(long done, long total);
    }

    /** The internal snapshots. */
    public Snapshots snapshots() {
        return new Snapshots(this, tables);
    }

    /** Makes this image, which holds no data yet, an encrypted one once it is opened anew; see {@link Qcow2Encryption}. */
    public void encrypt(@Nullable LuksOptions options, byte[] passphrase) throws IOException {
        alone(() -> Qcow2Encryption.write(tables, options, passphrase));
    }

    /** The LUKS header with its key slots, where the data is encrypted that way. */
    public LuksVolume encryption() throws IOException {
        return Qcow2Encryption.volume(tables.file, tables.header());
    }

    /** Makes a version 3 image of a version 2 one; snapshots get the fields that version 3 asks for. */
    public void upgrade() throws IOException {
        alone(() -> {
            snapshots().completeTable();
            Header header = tables.header();
            Header upgraded = header.withVersion(3, header.geometry(), header.features());
            if (header.geometry().clusterBytes() >= FeatureNames.FROM_CLUSTER_BYTES) {
                upgraded = upgraded.withExtension(FeatureNames.table());
            }
            tables.writeHeader(upgraded);
        });
    }

    /**
     * Makes a version 2 image of a version 3 one; what version 2 cannot hold is refused before anything is changed.
     * Bitmaps, which it has no room for, go. {@code progress} is told after each L1 entry.
     */
    public void downgrade(WorkProgress progress) throws IOException {
        Downgrade downgrade = new Downgrade(tables, snapshots(), transform);
        downgrade.check();
        bitmaps.removeAll();
        alone(() -> downgrade.run(progress));
    }

    /**
     * Forgets all that this image holds itself, so that the backing file shows through everywhere. Snapshots and bitmaps
     * stay as they are.
     */
    public void empty() throws IOException {
        alone(() -> eraser.drop(0, tables.geometry.alignUp(sizeBytes())));
    }

    /** The persistent bitmaps. */
    public Bitmaps bitmaps() {
        return bitmaps;
    }

    /** Writes what is pending, then runs a change of the image's structure with the image to itself. */
    void alone(Change change) throws IOException {
        tables.checkUsable(0, 0, true);
        flush();
        activity.writeLock().lock();
        tables.lock.lock();
        try {
            prepareForChanges();
            tables.flush();
            change.run();
            tables.flush();
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
