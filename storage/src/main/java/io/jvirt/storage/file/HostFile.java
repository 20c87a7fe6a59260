// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A regular file or block device of the host. Reads, writes and sizes go through a {@link FileChannel}; native code is
 * loaded by the first call that needs it (holes, allocation, locks).
 */
public final class HostFile implements ByteStore {
    private static final int TYPE_MASK = 0xf000;
    private static final int TYPE_REGULAR = 0x8000;
    private static final int TYPE_BLOCK = 0x6000;
    private static final int ZERO_CHUNK_BYTES = 1 << 20;
    private static final int HEAP_PIECE_BYTES = 256 << 10;
    private static final ThreadLocal<ByteBuffer> HEAP_PIECE =
            ThreadLocal.withInitial(() -> PageBuffer.allocate(HEAP_PIECE_BYTES));

    private final RandomAccessFile file;
    private final FileChannel channel;
    private final boolean readOnly;
    private final boolean device;
    private final @Nullable Object fileKey;
    private Path path;
    private String name;
    private @Nullable NativeFile nativeFile;
    private @Nullable ImageLock lock;
    private volatile boolean punches = true;
    private volatile boolean zeroes = true;
    private final AtomicLong changes = new AtomicLong();

    /** So many of the changes have reached the disk; not even those made before this file was opened are known to have. */
    private volatile long synced = -1;

    private HostFile(Path path, RandomAccessFile file, boolean readOnly, boolean device, @Nullable Object fileKey) {
        this.path = path;
        this.name = path.toString();
        this.file = file;
        this.channel = file.getChannel();
        this.readOnly = readOnly;
        this.device = device;
        this.fileKey = fileKey;
    }

    /** Opens what exists. Pipes, sockets, directories and character devices are refused, as opening them may hang. */
    public static HostFile open(Path path, boolean readOnly) throws IOException {
        int type = typeOf(path);
        if (type != TYPE_REGULAR && type != TYPE_BLOCK) {
            throw new StorageException(
                    "Could not open '" + path + "': it is neither a regular file nor a block device",
                    "name a disk image or a block device");
        }
        return open(path, readOnly, type == TYPE_BLOCK);
    }

    /** Makes a new file; one that exists is an error. */
    public static HostFile createNew(Path path) throws IOException {
        try {
            Files.createFile(path);
        } catch (IOException e) {
            throw OpenFailure.of(path, e);
        }
        return open(path, false, false);
    }

    private static HostFile open(Path path, boolean readOnly, boolean device) throws IOException {
        RandomAccessFile file = null;
        try {
            file = new RandomAccessFile(path.toFile(), readOnly ? "r" : "rw");
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return new HostFile(path, file, readOnly, device, key);
        } catch (IOException e) {
            if (file != null) {
                file.close();
            }
            throw OpenFailure.of(path, e);
        }
    }

    private static int typeOf(Path path) throws IOException {
        try {
            return (Integer) Files.getAttribute(path, "unix:mode") & TYPE_MASK;
        } catch (IOException e) {
            throw OpenFailure.of(path, e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** Messages call the file this from now on: the name that the user or the image gave. */
    public HostFile named(String name) {
        this.name = name;
        return this;
    }

    public Path path() {
        return path;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public boolean isDevice() {
        return device;
    }

    /** Whether both are the same file, by whatever name. */
    public boolean isSameFile(HostFile other) {
        return fileKey != null && fileKey.equals(other.fileKey);
    }

    @Override
    public long sizeBytes() throws IOException {
        return channel.size();
    }

    @Override
    public int readUpTo(long hostOffset, ByteBuffer target) throws IOException {
        int total = 0;
        int limit = target.limit();
        while (target.position() < limit) {
            target.limit(pieceEnd(target, limit));
            int count = target.isDirect()
                    ? channel.read(target, hostOffset + total)
                    : readThrough(HEAP_PIECE.get().clear(), hostOffset + total, target);
            target.limit(limit);
            if (count < 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    @Override
    public void write(long hostOffset, ByteBuffer source) throws IOException {
        long at = hostOffset;
        int limit = source.limit();
        while (source.position() < limit) {
            source.limit(pieceEnd(source, limit));
            at += channel.write(source, at);
            source.limit(limit);
        }
        changes.incrementAndGet();
    }

    /** The channel's own way into the heap is the same, but through memory that begins anywhere. */
    private int readThrough(ByteBuffer piece, long hostOffset, ByteBuffer target) throws IOException {
        int count = channel.read(piece.limit(target.remaining()), hostOffset);
        target.put(piece.flip());
        return count;
    }

    /** The channel copies what lies in the heap through memory of its own, and keeps as much of that as the largest copy. */
    private static int pieceEnd(ByteBuffer buffer, int limit) {
        return buffer.isDirect() ? limit : (int) Math.min(limit, (long) buffer.position() + HEAP_PIECE_BYTES);
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        if (device) {
            if (sizeBytes > channel.size()) {
                throw new StorageException("Cannot grow device files");
            }
            return;
        }
        file.setLength(sizeBytes);
        changes.incrementAndGet();
    }

    @Override
    public void allocate(long hostOffset, long lengthBytes) throws IOException {
        if (lengthBytes == 0 || device) {
            return;
        }
        if (!nativeFile().allocate(hostOffset, lengthBytes)) {
            long end = Math.min(hostOffset + lengthBytes, channel.size());
            rewriteHoles(hostOffset, end);
            if (end < hostOffset + lengthBytes) {
                long from = Math.max(hostOffset, end);
                writeZeros(from, hostOffset + lengthBytes - from);
            }
        }
        changes.incrementAndGet();
    }

    private void rewriteHoles(long from, long end) throws IOException {
        long at = from;
        while (at < end) {
            long hole = Math.min(end, nextHole(at));
            long data = Math.min(end, hole >= end ? end : nextData(hole));
            writeZeros(hole, data - hole);
            at = data;
        }
    }

    @Override
    public boolean punchHole(long hostOffset, long lengthBytes) throws IOException {
        if (!punches || lengthBytes == 0) {
            return punches;
        }
        punches = nativeFile().punchHole(hostOffset, lengthBytes);
        changes.incrementAndGet();
        return punches;
    }

    @Override
    public void zeroRange(long hostOffset, long lengthBytes) throws IOException {
        if (lengthBytes == 0) {
            return;
        }
        if (zeroes) {
            zeroes = nativeFile().zeroRange(hostOffset, lengthBytes);
            changes.incrementAndGet();
        }
        if (!zeroes) {
            writeZeros(hostOffset, lengthBytes);
        }
    }

    /** Writes zeros, for hosts and ranges where nothing cheaper will do. */
    @Override
    public void writeZeros(long hostOffset, long lengthBytes) throws IOException {
        ByteBuffer zeros = PageBuffer.allocate((int) Math.min(ZERO_CHUNK_BYTES, lengthBytes));
        for (long at = 0; at < lengthBytes; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), lengthBytes - at));
            write(hostOffset + at, zeros);
        }
    }

    @Override
    public long nextData(long hostOffset) throws IOException {
        return device ? Math.min(hostOffset, channel.size()) : nativeFile().seekData(hostOffset, channel.size());
    }

    @Override
    public long nextHole(long hostOffset) throws IOException {
        return device ? channel.size() : nativeFile().seekHole(hostOffset, channel.size());
    }

    @Override
    public long allocatedBytes() throws IOException {
        if (!hasNativeFile()) {
            long bytes = AllocatedSize.askedBefore(path);
            if (bytes >= 0) {
                return bytes;
            }
        }
        return nativeFile().allocatedBytes();
    }

    /** Costs nothing where nothing has changed since the last one: a flush asks for it several times over. */
    @Override
    public void sync() throws IOException {
        long covered = changes.get();
        if (!readOnly && synced < covered) {
            channel.force(false);
            synced = covered;
        }
    }

    /** Has the system begin to write out what was written so far, without waiting; false where it cannot. */
    boolean startWriteBack() throws IOException {
        return nativeFile().startWriteBack();
    }

    /** Fails where another process writes the image, without native code where nobody has locked it at all. */
    public void refuseWriters() throws IOException {
        if (LockTable.mayBeLocked(path)) {
            ImageLock.acquire(nativeFile(), name, LockRequest.INSPECT_FORMAT).close();
        }
    }

    /** Makes this file share the other's blocks (reflink); false where the file system cannot. */
    public boolean cloneFrom(HostFile source) throws IOException {
        boolean cloned = nativeFile().cloneFrom(source.nativeFile());
        changes.incrementAndGet();
        return cloned;
    }

    /**
     * Makes a range of this file share the other's blocks (reflink); false where the file system cannot. Offsets and length
     * are multiples of the file system's block size.
     */
    public boolean cloneRange(long hostOffset, HostFile source, long sourceOffset, long lengthBytes)
            throws IOException {
        boolean cloned = nativeFile().cloneRange(hostOffset, source.nativeFile(), sourceOffset, lengthBytes);
        changes.incrementAndGet();
        return cloned;
    }

    /** Takes QEMU's image locks until the file is closed; see {@link ImageLock}. */
    public void lock(LockRequest request) throws IOException {
        ImageLock previous = lock;
        lock = ImageLock.acquire(nativeFile(), name, request);
        if (previous != null) {
            previous.close();
        }
    }

    /** Until the file is closed nobody else may read it either; fails where somebody does. Beside {@link #lock}. */
    public void refuseReaders() throws IOException {
        // Its byte is none of those of the other lock, and goes with the descriptor.
        ImageLock.acquire(nativeFile(), name, LockRequest.NO_READERS);
    }

    /** Gives the file its final name, over one that may be there; {@code durable} makes the name last. */
    public void renameTo(Path target, boolean durable) throws IOException {
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        path = target;
        name = target.toString();
        if (durable) {
            syncDirectory(target);
        }
    }

    /** Makes the entry of a file in its directory survive a power cut. */
    public static void syncDirectory(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    private synchronized boolean hasNativeFile() {
        return nativeFile != null;
    }

    /** The native side of this file, opened when first needed. Callers hold no lock of theirs that I/O could block. */
    synchronized NativeFile nativeFile() throws IOException {
        NativeFile present = nativeFile;
        if (present == null) {
            present = NativeFile.open(path, readOnly, fileKey);
            nativeFile = present;
        }
        return present;
    }

    @Override
    public synchronized void close() throws IOException {
        try (file) {
            if (lock != null) {
                lock.close();
                lock = null;
            }
            if (nativeFile != null) {
                nativeFile.close();
                nativeFile = null;
            }
        }
    }
}
