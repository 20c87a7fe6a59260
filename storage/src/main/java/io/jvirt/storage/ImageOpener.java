// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.DataTransform;
import io.jvirt.storage.qcow2.Qcow2Encryption;
import io.jvirt.storage.qcow2.Qcow2Opener;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens one image and what it names, from the overlay down; closes all of it again where a part fails. */
final class ImageOpener {
    /** No sane chain is longer, and each image of it takes memory. */
    private static final int MAX_CHAIN = 200;

    private static final long MAX_L1_BYTES = 128 << 20;

    private final OpenRequest request;
    private final List<ByteStore> opened = new ArrayList<>();
    private final List<ByteStore> dataFiles = new ArrayList<>();
    private long l1Bytes;

    ImageOpener(OpenRequest request) {
        this.request = request;
    }

    DiskImage open() throws IOException {
        try {
            return open(request.file(), request.format(), request.readOnly(), 0);
        } catch (IOException | RuntimeException | Error e) {
            for (ByteStore store : opened) {
                store.close();
            }
            throw e;
        }
    }

    /** Opens a qcow2 image on a store that is no file of this host. */
    DiskImage openQcow2(ByteStore store) throws IOException {
        try {
            opened.add(store);
            return openQcow2(store, request.file(), request.readOnly(), 0);
        } catch (IOException | RuntimeException | Error e) {
            for (ByteStore each : opened) {
                each.close();
            }
            throw e;
        }
    }

    private DiskImage open(Path path, @Nullable ImageFormat named, boolean readOnly, int depth) throws IOException {
        HostFile file = HostFile.open(path, readOnly);
        opened.add(file);
        refuseLoop(file);
        ImageFormat format = named == null ? DiskImages.probe(file) : named;
        lock(file, format, readOnly);
        return switch (format) {
            case RAW -> new RawImage(file);
            case QCOW2 -> openQcow2(file, path, readOnly, depth);
            case LUKS -> throw new StorageException("'" + path + "' is encrypted: a LUKS image needs its passphrase");
        };
    }

    private DiskImage openQcow2(ByteStore file, Path path, boolean readOnly, int depth) throws IOException {
        Header header = HeaderReader.read(file);
        l1Bytes += header.l1().entries() * 8L;
        if (l1Bytes > MAX_L1_BYTES) {
            throw new StorageException(
                    "The backing chain of '" + request.file() + "' needs more than " + MAX_L1_BYTES
                            + " bytes of memory for its L1 tables",
                    "shorten it with commit or rebase");
        }
        Path namedData = depth == 0 ? request.dataFile() : null;
        if (namedData != null && !header.features().hasDataFile()) {
            throw new StorageException("'data-file' can only be set for images with an external data file");
        }
        HostFile dataFile = header.features().hasDataFile() ? openDataFile(header, path, namedData, readOnly) : null;
        DiskImage backing = null;
        if (depth == 0 && request.backing() != null) {
            backing = request.backing();
        } else if (header.backingFile() != null && request.backingOpened()) {
            backing = openBacking(header, path, depth);
        }
        byte[] passphrase = depth == 0 ? request.passphrase() : null;
        if (passphrase == null) {
            return Qcow2Opener.open(file, header, dataFile, backing, depth, null, request.repairs());
        }
        if (header.cryptMethod() == Header.CRYPT_NONE) {
            throw new StorageException("No encryption in image header, but a passphrase was given");
        }
        DataTransform transform = Qcow2Encryption.unlock(file, header, passphrase);
        return Qcow2Opener.open(file, header, dataFile, backing, depth, transform, request.repairs());
    }

    private HostFile openDataFile(Header header, Path path, @Nullable Path named, boolean readOnly) throws IOException {
        Path dataPath = named == null ? storedDataFile(header, path) : named;
        HostFile data = HostFile.open(dataPath, readOnly);
        // Overlays may share a data file; who writes is kept away by its lock.
        refuseLoop(data);
        dataFiles.add(data);
        opened.add(data);
        lock(data, ImageFormat.QCOW2, readOnly);
        return data;
    }

    private Path storedDataFile(Header header, Path path) throws IOException {
        String name = header.dataFile();
        if (name == null) {
            throw new StorageException("'data-file' is required for this image");
        }
        Path dataPath = FileName.resolve(path, name);
        if (!Files.exists(dataPath) && Files.exists(Path.of(name))) {
            // qemu-img takes the name of a data file relative to the current directory.
            dataPath = Path.of(name);
        }
        request.policy().check(path, dataPath, OpenPolicy.Role.DATA_FILE);
        return dataPath;
    }

    private DiskImage openBacking(Header header, Path path, int depth) throws IOException {
        String name = String.valueOf(header.backingFile());
        if (depth + 1 >= MAX_CHAIN) {
            throw new StorageException(
                    "The backing chain of '" + request.file() + "' is longer than " + MAX_CHAIN + " images",
                    "shorten it with commit or rebase");
        }
        Path backingPath = FileName.resolve(path, name);
        request.policy().check(path, backingPath, OpenPolicy.Role.BACKING_FILE);
        try {
            return open(backingPath, formatOf(name, header.backingFormat()), true, depth + 1);
        } catch (RefusedException e) {
            throw e;
        } catch (StorageException e) {
            throw new StorageException("Could not open backing file: " + e.getMessage(), e.hint(), e);
        }
    }

    private static @Nullable ImageFormat formatOf(String name, @Nullable String stored) throws StorageException {
        String format = name.startsWith("json:") ? JsonName.formatOf(name) : null;
        if (format == null) {
            format = stored;
        }
        if (format == null) {
            return null;
        }
        return switch (format) {
            case "raw", "file", "host_device" -> ImageFormat.RAW;
            case "qcow2" -> ImageFormat.QCOW2;
            case "luks" -> ImageFormat.LUKS;
            default ->
                throw new StorageException("Unknown driver '" + format + "'", "jvirt opens raw, qcow2 and luks images");
        };
    }

    private void lock(HostFile file, ImageFormat format, boolean readOnly) throws IOException {
        if (readOnly && request.locking() == OpenRequest.Locking.FORCE_SHARE) {
            return;
        }
        boolean raw = format == ImageFormat.RAW;
        if (readOnly) {
            file.lock(raw ? LockRequest.READ_RAW : LockRequest.READ_FORMAT);
        } else {
            file.lock(raw ? LockRequest.WRITE_RAW : LockRequest.WRITE_FORMAT);
        }
    }

    private void refuseLoop(HostFile file) throws StorageException {
        for (ByteStore other : opened) {
            if (other != file
                    && !dataFiles.contains(other)
                    && other instanceof HostFile otherFile
                    && otherFile.isSameFile(file)) {
                throw new StorageException(
                        "'" + file.name() + "' is named by its own backing chain",
                        "rebase the image that names it onto another backing file");
            }
        }
    }
}
