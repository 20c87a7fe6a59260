// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Content;
import io.jvirt.domain.transfer.GuestRuns;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.ImageInUseException;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The file that is written: its bytes as they are, or what a guest sees of a qcow2 image. */
interface WireStore extends Content, Closeable {
    void write(long offset, ByteBuffer source) throws IOException;

    void zero(long offset, long lengthBytes) throws IOException;

    void sync() throws IOException;

    /**
     * Opens a file that is there and locks it as its only writer, or as a reader.
     *
     * @param mode as frames have it
     */
    static WireStore open(Path path, byte format, byte mode, long lengthBytes) throws IOException {
        // A link could lead anywhere; a device is what the user named.
        if (!path.isAbsolute() || !path.equals(path.normalize()) || (Files.isSymbolicLink(path) && !isDevice(path))) {
            throw new StorageException("'" + path + "' is not the plain path of a file");
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException("'" + path + "' does not exist");
        }
        return format == Frame.QCOW2 ? image(path, mode, lengthBytes) : bytes(path, mode, lengthBytes);
    }

    private static boolean isDevice(Path path) {
        return path.startsWith("/dev");
    }

    private static WireStore bytes(Path path, byte mode, long lengthBytes) throws IOException {
        boolean isRead = mode == Frame.LOOK;
        HostFile file = HostFile.open(path, isRead);
        try {
            lock(file, isRead ? LockRequest.READ_FORMAT : LockRequest.WRITE_FORMAT);
            if (isRead) {
                return new FileStore(
                        file, file.isDevice() ? Math.min(lengthBytes, file.sizeBytes()) : file.sizeBytes());
            }
            if (file.isDevice()) {
                if (file.sizeBytes() < lengthBytes) {
                    throw new StorageException(
                            path + " has " + file.sizeBytes() + " bytes, " + lengthBytes + " are needed");
                }
            } else {
                if (mode == Frame.ANEW) {
                    file.truncate(0);
                }
                file.truncate(lengthBytes);
            }
            return new FileStore(file, lengthBytes);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static WireStore image(Path path, byte mode, long lengthBytes) throws IOException {
        // A name in an image that is there leads nowhere.
        OpenRequest request = OpenRequest.of(path)
                .withFormat(ImageFormat.QCOW2)
                .withPolicy(OpenPolicy.nothing())
                .withoutBacking()
                .writable();
        if (mode == Frame.LOOK) {
            return new ImageStore(DiskImages.open(OpenRequest.of(path)
                    .withFormat(ImageFormat.QCOW2)
                    .withPolicy(OpenPolicy.nothing())
                    .withoutBacking()));
        }
        try (HostFile file = HostFile.open(path, false)) {
            lock(file, LockRequest.WRITE_FORMAT);
            if (mode == Frame.ANEW) {
                file.truncate(0);
                Qcow2Creator.create(file, null, Qcow2Options.defaults(), lengthBytes, Preallocation.OFF);
            } else {
                // Of a writer that was cut off.
                Qcow2Check.run(file, Repair.LEAKS, line -> {});
            }
        }
        DiskImage image = DiskImages.open(request);
        if (image.sizeBytes() != lengthBytes) {
            image.close();
            throw new StorageException(
                    path + " is a disk of " + image.sizeBytes() + " bytes, and not of " + lengthBytes);
        }
        return new ImageStore(image);
    }

    /** The writer of a connection that broke may still be there until it notices. */
    private static void lock(HostFile file, LockRequest request) throws IOException {
        long deadline = System.nanoTime() + 2 * WireServer.IDLE_NANOS;
        while (true) {
            try {
                file.lock(request);
                return;
            } catch (ImageInUseException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    /** A file's bytes. */
    record FileStore(HostFile file, long lengthBytes) implements WireStore {
        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            file.readZeroPadded(offset, target);
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            file.write(offset, source);
        }

        @Override
        public void zero(long offset, long length) throws IOException {
            if (!file.punchHole(offset, length)) {
                file.zeroRange(offset, length);
            }
        }

        @Override
        public long nextData(long offset) throws IOException {
            return offset >= lengthBytes ? lengthBytes : Math.min(lengthBytes, file.nextData(offset));
        }

        @Override
        public long nextHole(long offset) throws IOException {
            return offset >= lengthBytes ? lengthBytes : Math.min(lengthBytes, file.nextHole(offset));
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** What a guest sees. */
    final class ImageStore implements WireStore {
        private final DiskImage image;
        private final GuestRuns runs;

        ImageStore(DiskImage image) {
            this.image = image;
            this.runs = new GuestRuns(image);
        }

        @Override
        public long lengthBytes() {
            return image.sizeBytes();
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            image.read(offset, target);
        }

        @Override
        public synchronized void write(long offset, ByteBuffer source) throws IOException {
            image.write(offset, source);
            runs.forget();
        }

        @Override
        public synchronized void zero(long offset, long length) throws IOException {
            image.zero(offset, length, true);
            runs.forget();
        }

        @Override
        public synchronized long nextData(long offset) throws IOException {
            return runs.nextData(offset);
        }

        @Override
        public synchronized long nextHole(long offset) throws IOException {
            return runs.nextHole(offset);
        }

        @Override
        public void sync() throws IOException {
            image.flush();
        }

        @Override
        public void close() throws IOException {
            image.close();
        }
    }
}
