// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.LastErrorException;
import io.jvirt.storage.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A file descriptor of our own, for what {@code FileChannel} cannot do. */
final class NativeFile implements Closeable {
    /** Offset of {@code stx_blocks} (units of 512 bytes) in {@code struct statx}. */
    private static final int STATX_BLOCKS = 48;

    private static final int STATX_BYTES = 256;
    private static final int STAT_BLOCK_BYTES = 512;

    private final String name;
    private int fd;

    private NativeFile(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /** Opens the path again; {@code expectedKey} makes sure that it is still the file that the caller has open. */
    static NativeFile open(Path path, boolean readOnly, @Nullable Object expectedKey) throws IOException {
        NativeFile file;
        try {
            int flags = (readOnly ? LibC.O_RDONLY : LibC.O_RDWR) | LibC.O_CLOEXEC;
            file = new NativeFile(path.toString(), LibC.open(path.toString(), flags, 0));
        } catch (LastErrorException e) {
            throw new StorageException("Could not open '" + path + "': " + LibC.strerror(e.getErrorCode()), null, e);
        }
        Object key = Files.readAttributes(Path.of("/proc/self/fd/" + file.fd), BasicFileAttributes.class)
                .fileKey();
        if (!Objects.equals(key, expectedKey)) {
            file.close();
            throw new StorageException("Could not open '" + path + "': another file took its place meanwhile");
        }
        return file;
    }

    int fd() {
        return fd;
    }

    /** False where the file system has no fallocate. */
    boolean allocate(long offset, long lengthBytes) throws IOException {
        return fallocate("allocate space in", 0, offset, lengthBytes);
    }

    boolean punchHole(long offset, long lengthBytes) throws IOException {
        return fallocate("punch a hole in", LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offset, lengthBytes);
    }

    boolean zeroRange(long offset, long lengthBytes) throws IOException {
        return fallocate("zero a range of", LibC.FALLOC_FL_ZERO_RANGE, offset, lengthBytes);
    }

    private boolean fallocate(String what, int mode, long offset, long lengthBytes) throws IOException {
        try {
            LibC.fallocate(fd, mode, offset, lengthBytes);
            return true;
        } catch (LastErrorException e) {
            int errno = e.getErrorCode();
            if (errno == LibC.EOPNOTSUPP || errno == LibC.ENOSYS) {
                return false;
            }
            throw failure(what, e);
        }
    }

    long seekData(long offset, long sizeBytes) throws IOException {
        return seek(offset, sizeBytes, LibC.SEEK_DATA, Math.min(offset, sizeBytes));
    }

    long seekHole(long offset, long sizeBytes) throws IOException {
        return seek(offset, sizeBytes, LibC.SEEK_HOLE, sizeBytes);
    }

    /** {@code unsupported} is the answer where the file system tells nothing about holes. */
    private long seek(long offset, long sizeBytes, int whence, long unsupported) throws IOException {
        if (offset >= sizeBytes) {
            return sizeBytes;
        }
        try {
            return Math.min(sizeBytes, LibC.lseek(fd, offset, whence));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == LibC.ENXIO) {
                return sizeBytes;
            }
            if (e.getErrorCode() == LibC.EINVAL || e.getErrorCode() == LibC.EOPNOTSUPP) {
                return unsupported;
            }
            throw failure("find the holes of", e);
        }
    }

    long allocatedBytes() throws IOException {
        byte[] statx = new byte[STATX_BYTES];
        try {
            LibC.statx(fd, "", LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, statx);
        } catch (LastErrorException e) {
            throw failure("stat", e);
        }
        return ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder()).getLong(STATX_BLOCKS) * STAT_BLOCK_BYTES;
    }

    /** Has the system begin to write what it keeps of the file in memory, and does not wait; false where it cannot. */
    boolean startWriteBack() {
        try {
            LibC.sync_file_range(fd, 0, 0, LibC.SYNC_FILE_RANGE_WRITE);
            return true;
        } catch (LastErrorException e) {
            // An error of the disk is told by the sync that makes the file last.
            return false;
        }
    }

    boolean cloneFrom(NativeFile source) throws IOException {
        try {
            LibC.ioctl(fd, LibC.FICLONE, source.fd);
            return true;
        } catch (LastErrorException e) {
            return cannotClone(e);
        }
    }

    /** The argument is Linux's {@code struct file_clone_range}: descriptor, offset, length and own offset, 8 bytes each. */
    boolean cloneRange(long offset, NativeFile source, long sourceOffset, long lengthBytes) throws IOException {
        ByteBuffer range = ByteBuffer.allocate(4 * Long.BYTES).order(ByteOrder.nativeOrder());
        range.putLong(source.fd).putLong(sourceOffset).putLong(lengthBytes).putLong(offset);
        try {
            LibC.ioctl(fd, LibC.FICLONERANGE, range.array());
            return true;
        } catch (LastErrorException e) {
            return cannotClone(e);
        }
    }

    /** False where the file system, or this pair of files, cannot share blocks. */
    private boolean cannotClone(LastErrorException cause) throws IOException {
        return switch (cause.getErrorCode()) {
            case LibC.EOPNOTSUPP, LibC.EXDEV, LibC.EINVAL, LibC.ENOTTY, LibC.ENOSYS -> false;
            default -> throw failure("clone into", cause);
        };
    }

    private IOException failure(String what, LastErrorException cause) {
        return new StorageException(
                "Could not " + what + " '" + name + "': " + LibC.strerror(cause.getErrorCode()), null, cause);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            LibC.close(fd);
            fd = -1;
        }
    }
}
