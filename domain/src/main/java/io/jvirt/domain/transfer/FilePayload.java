// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.HeaderWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file of this machine as it is: an image with its metadata, a raw disk, an NVRAM. */
public final class FilePayload implements Payload {
    private final Path path;
    private final HostFile file;
    private final long lengthBytes;
    private final ByteBuffer start;
    private FileHashes hashes = new FileHashes();

    private FilePayload(Path path, HostFile file, ByteBuffer start) throws IOException {
        this.path = path;
        this.file = file;
        this.start = start;
        this.lengthBytes = file.sizeBytes();
    }

    /**
     * Opens the file and locks it against writers as QEMU does, so that no guest starts on it meanwhile.
     *
     * @param backing what a qcow2 image is to name as its backing file there; null to leave it as it is
     * @param dataFile the same for the file that has its data
     */
    public static FilePayload open(Path path, @Nullable String backing, @Nullable String dataFile) throws IOException {
        // The header fills the first cluster, which holds nothing else.
        return open(path, file -> start(file, backing, dataFile));
    }

    /**
     * The same with another beginning.
     *
     * @param start what replaces the file's first bytes
     */
    public static FilePayload open(Path path, ByteBuffer start) throws IOException {
        return open(path, file -> start);
    }

    @FunctionalInterface
    private interface Start {
        ByteBuffer of(HostFile file) throws IOException;
    }

    private static FilePayload open(Path path, Start start) throws IOException {
        HostFile file = HostFile.open(path, true);
        try {
            file.lock(LockRequest.READ_FORMAT);
            return new FilePayload(path, file, start.of(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static ByteBuffer start(HostFile file, @Nullable String backing, @Nullable String dataFile)
            throws IOException {
        if (backing == null && dataFile == null) {
            return ByteBuffer.allocate(0);
        }
        return HeaderWriter.encode(HeaderReader.read(file).withNames(backing, dataFile));
    }

    /** Opens it without a lock. */
    public static FilePayload look(Path path) throws IOException {
        HostFile file = HostFile.open(path, true);
        try {
            return new FilePayload(path, file, ByteBuffer.allocate(0));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public long lengthBytes() {
        return lengthBytes;
    }

    @Override
    public long nextData(long offset) throws IOException {
        return offset >= lengthBytes ? lengthBytes : file.nextData(offset);
    }

    @Override
    public long nextHole(long offset) throws IOException {
        return offset >= lengthBytes ? lengthBytes : file.nextHole(offset);
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        int at = target.position();
        file.readZeroPadded(offset, target);
        for (long i = offset; i < start.limit() && at < target.position(); i++) {
            target.put(at++, start.get((int) i));
        }
    }

    @Override
    public void hashed(long index, byte[] hash) {
        hashes.add(index, hash);
    }

    /** But for the header, which may be another one there: no cluster of the guest's is in its block. */
    @Override
    public void allHashed() throws IOException {
        hashes.remember(path, fingerprint());
        hashes = new FileHashes();
    }

    @Override
    public String fingerprint() throws IOException {
        return Fingerprint.of(path);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
