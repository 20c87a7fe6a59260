// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.EarlyWriteBack;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.raw.RawCreator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The engine's front door: which format a file has, what it says of itself, opening and creating. */
public final class DiskImages {
    private static final int PROBE_BYTES = 512;
    private static final byte[] LUKS_MAGIC = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};

    private DiskImages() {}

    /**
     * The format of a file by its first bytes; what is not known is raw.
     *
     * @throws StorageException for the formats of other products, which are known but not read
     */
    public static ImageFormat probe(Path file) throws IOException {
        try (HostFile opened = HostFile.open(file, true)) {
            return probe(opened);
        }
    }

    public static ImageFormat probe(ByteStore store) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(PROBE_BYTES);
        store.readUpTo(0, start);
        start.flip();
        if (HeaderReader.isQcow2(start)) {
            return ImageFormat.QCOW2;
        }
        byte[] magic = Arrays.copyOf(start.array(), LUKS_MAGIC.length);
        if (Arrays.equals(magic, LUKS_MAGIC) && start.getShort(LUKS_MAGIC.length) == 1) {
            return ImageFormat.LUKS;
        }
        ForeignFormat foreign = ForeignFormat.of(start);
        if (foreign != null) {
            throw foreign.refusal(store.name());
        }
        return ImageFormat.RAW;
    }

    /** Opens an image, its backing chain and its data file as the request says. */
    public static DiskImage open(OpenRequest request) throws IOException {
        return new ImageOpener(request).open();
    }

    /**
     * Opens a qcow2 image that lies on a store, such as an NBD export. The request's file is its name; what the image
     * names is found as for a file.
     */
    public static DiskImage openQcow2(ByteStore store, OpenRequest request) throws IOException {
        return new ImageOpener(request).openQcow2(store);
    }

    /** What the image's metadata says; its backing file is named, not opened. */
    public static ImageDescription describe(OpenRequest request) throws IOException {
        Path path = request.file();
        try (HostFile file = HostFile.open(path, true)) {
            ImageFormat format = request.format() == null ? probe(file) : request.format();
            Qcow2Description qcow2 = null;
            long virtualSize;
            if (format == ImageFormat.QCOW2) {
                if (request.locking() == OpenRequest.Locking.LOCKED) {
                    file.refuseWriters();
                }
                qcow2 = Qcow2Description.read(file);
                virtualSize = qcow2.header().virtualSizeBytes();
            } else {
                virtualSize = (file.sizeBytes() + 511) / 512 * 512;
            }
            return new ImageDescription(path, format, virtualSize, file.sizeBytes(), file.allocatedBytes(), qcow2);
        }
    }

    /** Makes an image. It is written beside its target and renamed when whole, so a failure leaves what was there. */
    public static void create(CreateRequest request) throws IOException {
        if (request.virtualSizeBytes() < 0) {
            throw new StorageException("Image size must be less than 8 EiB!");
        }
        switch (request.format()) {
            case RAW -> {
                try (FreshFile fresh = FreshFile.beside(request.file())) {
                    RawCreator.create(fresh.file(), request.virtualSizeBytes(), request.preallocation());
                    fresh.commit();
                }
            }
            case QCOW2 -> createQcow2(request);
            default ->
                throw new StorageException(
                        "Format '" + request.format().id() + "' cannot be created here", "use raw or qcow2");
        }
    }

    private static void createQcow2(CreateRequest request) throws IOException {
        Qcow2Creator.checkOptions(request.qcow2(), request.virtualSizeBytes(), request.preallocation());
        String dataName = request.qcow2().dataFile();
        if (dataName == null) {
            writeQcow2(request, null);
            return;
        }
        if (dataName.getBytes(StandardCharsets.UTF_8).length > 1023) {
            throw new StorageException("Data file name too long");
        }
        String plain = withoutProtocol(dataName);
        if (sameFile(Path.of(plain), request.file())) {
            throw new StorageException(
                    "The data file '" + plain + "' would be the image itself", "give it another name");
        }
        // Named by the user, so relative to the current directory, as qemu-img has it.
        try (FreshFile data = FreshFile.beside(Path.of(plain))) {
            writeQcow2(
                    request.withQcow2(
                            request.qcow2().withDataFile(plain, request.qcow2().dataFileRaw())),
                    data);
        }
    }

    private static boolean sameFile(Path one, Path other) throws IOException {
        return Files.exists(one) && Files.exists(other)
                ? Files.isSameFile(one, other)
                : one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }

    /** The image stores the name as QEMU does, which would take what stands before a colon for a protocol. */
    private static String withoutProtocol(String name) throws StorageException {
        if (name.startsWith("file:")) {
            return name.substring("file:".length());
        }
        if (FileName.hasProtocol(name)) {
            throw new StorageException(
                    "Unknown protocol '" + name.substring(0, name.indexOf(':')) + "'",
                    "write file:NAME or ./NAME for a data file with a colon in its name");
        }
        return name;
    }

    private static void writeQcow2(CreateRequest request, @Nullable FreshFile data) throws IOException {
        boolean large = request.preallocation() != Preallocation.OFF;
        try (FreshFile fresh = FreshFile.beside(request.file());
                EarlyWriteBack early = large ? EarlyWriteBack.of(fresh.file().path()) : null) {
            Qcow2Creator.create(
                    fresh.file(),
                    data == null ? null : data.file(),
                    request.qcow2(),
                    request.virtualSizeBytes(),
                    request.preallocation());
            // The data file first: the image that names it must not exist without it.
            if (data != null) {
                data.commit();
            }
            fresh.commit();
        }
    }
}
