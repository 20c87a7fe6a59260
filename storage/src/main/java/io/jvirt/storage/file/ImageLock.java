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

/**
 * QEMU's image locking: open-file-description locks on single bytes of the image. A shared lock on byte 100 + n says
 * "I use permission n", one on byte 200 + n says "nobody else may use permission n". After setting its own locks a user
 * tests, for each permission it uses, byte 200 + n, and for each that it does not share, byte 100 + n.
 */
public final class ImageLock implements Closeable {
    private static final int USED_BASE = 100;
    private static final int UNSHARED_BASE = 200;

    private static final int FLOCK_BYTES = 32;
    private static final int FLOCK_TYPE = 0;
    private static final int FLOCK_START = 8;
    private static final int FLOCK_LENGTH = 16;

    private final NativeFile file;
    private final LockRequest request;

    private ImageLock(NativeFile file, LockRequest request) {
        this.file = file;
        this.request = request;
    }

    static ImageLock acquire(NativeFile file, String name, LockRequest request) throws IOException {
        ImageLock lock = new ImageLock(file, request);
        try {
            lock.setAll(LibC.F_RDLCK);
            lock.test(name);
        } catch (LastErrorException e) {
            lock.close();
            if (e.getErrorCode() == LibC.EAGAIN || e.getErrorCode() == LibC.EACCES) {
                throw taken("Failed to lock bytes of the image", name);
            }
            throw new StorageException(
                    "Could not lock '" + name + "': " + LibC.strerror(e.getErrorCode()),
                    "a file system without locks needs --force-share (-U) for reading",
                    e);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
        return lock;
    }

    /**
     * Whether a program has an image open now, as QEMU and jvirt lock what they use. One of another host is seen where the
     * file system carries its locks; what cannot be opened or asked is taken for unused.
     */
    public static boolean isInUse(Path image) {
        return isRefused(image, LockRequest.NO_USERS);
    }

    /** The same of programs that write to it. */
    public static boolean isWritten(Path image) {
        return isRefused(image, LockRequest.INSPECT_FORMAT);
    }

    /** Asks, and locks nothing: a user that starts meanwhile does not notice. */
    private static boolean isRefused(Path image, LockRequest request) {
        if (!Files.isRegularFile(image)) {
            return false;
        }
        try (HostFile file = HostFile.open(image, true)) {
            new ImageLock(file.nativeFile(), request).test(image.toString());
            return false;
        } catch (ImageInUseException e) {
            return true;
        } catch (IOException | LastErrorException e) {
            return false;
        }
    }

    private void setAll(short type) {
        for (int bit = 0; bit < LockRequest.COUNT; bit++) {
            if ((request.permissions() >> bit & 1) != 0) {
                set(type, USED_BASE + bit);
            }
            if ((request.unshared() >> bit & 1) != 0) {
                set(type, UNSHARED_BASE + bit);
            }
        }
    }

    private void set(short type, int at) {
        LibC.fcntl(file.fd(), LibC.F_OFD_SETLK, flock(type, at));
    }

    private void test(String name) throws StorageException {
        for (int bit = 0; bit < LockRequest.COUNT; bit++) {
            if ((request.permissions() >> bit & 1) != 0 && isHeld(UNSHARED_BASE + bit)) {
                throw taken("Failed to get \"" + LockRequest.nameOf(bit) + "\" lock", name);
            }
        }
        for (int bit = 0; bit < LockRequest.COUNT; bit++) {
            if ((request.unshared() >> bit & 1) != 0 && isHeld(USED_BASE + bit)) {
                throw taken("Failed to get shared \"" + LockRequest.nameOf(bit) + "\" lock", name);
            }
        }
    }

    /** Whether someone else holds a lock on the byte. */
    private boolean isHeld(int at) {
        byte[] flock = flock(LibC.F_WRLCK, at);
        LibC.fcntl(file.fd(), LibC.F_OFD_GETLK, flock);
        return ByteBuffer.wrap(flock).order(ByteOrder.nativeOrder()).getShort(FLOCK_TYPE) != LibC.F_UNLCK;
    }

    /** {@code struct flock} of 64-bit Linux; l_whence is SEEK_SET (0) and l_pid must be 0. */
    private static byte[] flock(short type, int at) {
        byte[] bytes = new byte[FLOCK_BYTES];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.nativeOrder())
                .putShort(FLOCK_TYPE, type)
                .putLong(FLOCK_START, at)
                .putLong(FLOCK_LENGTH, 1);
        return bytes;
    }

    static StorageException taken(String message, String name) {
        return new ImageInUseException(message, "Is another process using the image [" + name + "]?");
    }

    @Override
    public void close() {
        try {
            setAll(LibC.F_UNLCK);
        } catch (LastErrorException e) {
            // The locks end with the descriptor; nothing is lost.
            return;
        }
    }
}
