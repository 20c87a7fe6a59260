// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.WindowImage;
import io.jvirt.storage.crypto.LuksHeader;
import io.jvirt.storage.crypto.LuksImage;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.nbd.NbdImage;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens the images that a command line names, and reports what cannot be opened in qemu-img's words. */
final class Images {
    /** Directories besides an image's own in which its backing and data files may lie, separated by colons. */
    static final String OPEN_PATH_VARIABLE = "JVIRT_OPEN_PATH";

    private static final int SECTOR_BYTES = 512;

    private static final String POOL_DIRECTORY = "/var/lib/libvirt/images";

    /** How an image is opened. */
    enum Access {
        READ,
        READ_SHARED,
        READ_UNBACKED,
        READ_UNBACKED_SHARED,
        WRITE,
        /** Refused: whoever writes must be alone. */
        WRITE_SHARED,
        WRITE_UNBACKED;

        static Access read(boolean shared) {
            return shared ? READ_SHARED : READ;
        }

        static Access write(boolean shared) {
            return shared ? WRITE_SHARED : WRITE;
        }
    }

    private final Console console;
    private final Secrets secrets;
    private final List<Path> allowed = new ArrayList<>();

    /** No lambda: the first one of a process takes 6 ms, which a short command would feel. */
    private final Consumer<String> repairs = new Consumer<>() {
        @Override
        public void accept(String finding) {
            console.raw(finding + "\n");
        }
    };

    Images(Console console, Secrets secrets) {
        this.console = console;
        this.secrets = secrets;
        allowed.add(Path.of(POOL_DIRECTORY));
        String more = System.getenv(OPEN_PATH_VARIABLE);
        if (more != null) {
            for (String directory : more.split(":", -1)) {
                if (!directory.isEmpty()) {
                    allowed.add(Path.of(directory));
                }
            }
        }
    }

    /** What lies beside a file that the user named may be opened too. */
    void allowBeside(String fileName) {
        Path parent = NewImage.path(fileName).toAbsolutePath().getParent();
        if (parent != null && !ImageName.isNbd(fileName) && !fileName.startsWith("json:")) {
            allowed.add(parent);
        }
    }

    /** Reads the name of an image; one that is wrong ends the verb. */
    ImageName name(String text, @Nullable String format, boolean imageOpts) {
        if (imageOpts && format != null) {
            throw console.fail("--image-opts and --format are mutually exclusive");
        }
        try {
            return imageOpts ? ImageName.imageOpts(text) : ImageName.plain(text, format);
        } catch (StorageException e) {
            throw console.failed("Could not open '" + text + "': ", e);
        }
    }

    /** Opens an image; one that cannot be opened ends the verb. */
    DiskImage open(ImageName name, Access access) {
        checkSharing(name, access.name().endsWith("SHARED"));
        try {
            return tryOpen(name, access);
        } catch (IOException e) {
            throw console.failed("Could not open '" + name.typed() + "': ", e);
        }
    }

    DiskImage open(String text, @Nullable String format, boolean imageOpts, Access access) {
        return open(name(text, format, imageOpts), access);
    }

    /** {@code -U} together with an option that says the opposite ends the verb. */
    void checkSharing(ImageName name, boolean shared) {
        if (shared && "off".equals(name.options().get(NodeOptions.FORCE_SHARE))) {
            throw console.fail("--force-share/-U conflicts with image options");
        }
    }

    /** What the image's own metadata says; nothing that it names is opened. */
    ImageDescription describe(ImageName name, boolean shared) throws IOException {
        if (name.nbd()) {
            return NbdImages.describe(name, secrets);
        }
        ImageDescription image =
                DiskImages.describe(request(name, shared ? Access.READ_UNBACKED_SHARED : Access.READ_UNBACKED));
        if (image.format() == ImageFormat.RAW) {
            name.checkRaw();
        }
        if (!name.options().containsKey("offset") && !name.options().containsKey("size")) {
            return image;
        }
        try (DiskImage part = tryOpen(name, shared ? Access.READ_UNBACKED_SHARED : Access.READ_UNBACKED)) {
            return new ImageDescription(
                    image.file(),
                    image.format(),
                    part.sizeBytes(),
                    image.apparentSizeBytes(),
                    image.allocatedBytes(),
                    image.qcow2());
        }
    }

    /** Opens an image; the caller reports why not. */
    DiskImage tryOpen(ImageName name, Access access) throws IOException {
        boolean writes = access == Access.WRITE || access == Access.WRITE_UNBACKED;
        String secret =
                name.options().getOrDefault("encrypt.key-secret", name.options().get("key-secret"));
        if (name.nbd()) {
            OpenRequest request = request(name, access).withPassphrase(secret == null ? null : secret(secret));
            return NbdImages.open(name, secrets, request, () -> warnOfGuess(name));
        }
        if (secret != null || "luks".equals(name.driver())) {
            return openEncrypted(name, access, secret);
        }
        DiskImage image = openOverNamed(name, request(name, access));
        if (image.format() == ImageFormat.RAW) {
            try {
                name.checkRaw();
            } catch (StorageException e) {
                image.close();
                throw e;
            }
        }
        if (writes && name.driver() == null && image.format() == ImageFormat.RAW) {
            warnOfGuess(name);
        }
        if (name.options().containsKey("offset") || name.options().containsKey("size")) {
            return window(image, name);
        }
        return image;
    }

    private void warnOfGuess(ImageName name) {
        console.raw("WARNING: Image format was not specified for '" + name.shown()
                + "' and probing guessed raw.\n"
                + "         Automatically detecting the format is dangerous for raw images, write operations on "
                + "block 0 will be restricted.\n"
                + "         Specify the 'raw' format explicitly to remove the restrictions.\n");
    }

    /** Opens an image over the backing file that its options name, where they do. */
    private DiskImage openOverNamed(ImageName name, OpenRequest given) throws IOException {
        ImageName data = name.dataFile();
        if (data != null && data.nbd()) {
            throw new UnsupportedOperationException("a data file behind an NBD server");
        }
        OpenRequest request = data == null ? given : given.withDataFile(Path.of(data.file()));
        String node = name.options().getOrDefault("backing", "");
        if (request.backingOpened() && !node.isEmpty()) {
            throw new StorageException(
                    "Could not open backing file: Cannot find device='" + node + "' nor node-name='" + node + "'");
        }
        ImageName backing = request.backingOpened() ? name.backing() : null;
        if (backing == null) {
            return DiskImages.open(request);
        }
        boolean shared = request.locking() == OpenRequest.Locking.FORCE_SHARE;
        DiskImage base = tryOpen(backing, Access.read(shared));
        try {
            return DiskImages.open(request.withBacking(base));
        } catch (IOException e) {
            base.close();
            throw e;
        }
    }

    private DiskImage openEncrypted(ImageName name, Access access, @Nullable String secretId) throws IOException {
        if (secretId != null && !"luks".equals(name.driver())) {
            OpenRequest request = request(name, access);
            if (isEncrypted(name, request)) {
                request = request.withPassphrase(secret(secretId));
            } else if (name.options().containsKey("encrypt.format")) {
                throw new StorageException("No encryption in image header, but options specified format '"
                        + name.options().get("encrypt.format") + "'");
            }
            return openOverNamed(name, request);
        }
        DiskImage container = DiskImages.open(request(name, access).withFormat(ImageFormat.RAW));
        try {
            if (secretId == null) {
                LuksImage.checkHeader(container);
                throw new StorageException("Parameter 'key-secret' is required for cipher");
            }
            return LuksImage.open(container, secret(secretId));
        } catch (IOException e) {
            container.close();
            throw e;
        }
    }

    /** A secret for an image that is not encrypted is no error, as with qemu-img. */
    private boolean isEncrypted(ImageName name, OpenRequest request) throws IOException {
        boolean shared = request.locking() == OpenRequest.Locking.FORCE_SHARE || !request.readOnly();
        Qcow2Description qcow2 = describe(name, shared).qcow2();
        return qcow2 == null || qcow2.header().cryptMethod() != Header.CRYPT_NONE;
    }

    byte[] secret(String id) throws StorageException {
        byte[] secret = secrets.find(id);
        if (secret == null) {
            throw new StorageException("No secret with id '" + id + "'");
        }
        return secret;
    }

    /** The header of a raw LUKS image, for which no passphrase is needed. */
    LuksHeader luksHeader(ImageName name, boolean shared) throws IOException {
        if (name.nbd()) {
            try (NbdImage export = NbdImages.export(name, secrets, true)) {
                return LuksVolume.open(LuksImage.storage(export)).header();
            }
        }
        OpenRequest request = request(name, shared ? Access.READ_UNBACKED_SHARED : Access.READ_UNBACKED);
        try (DiskImage container = DiskImages.open(request.withFormat(ImageFormat.RAW))) {
            return LuksVolume.open(LuksImage.storage(container)).header();
        }
    }

    OpenRequest request(ImageName name, Access access) throws StorageException {
        OpenRequest request = OpenRequest.of(Path.of(name.file()))
                .withFormat(format(name.driver()))
                .reportingRepairs(repairs)
                .withPolicy(OpenPolicy.ownDirectory().alsoWithin(allowed));
        boolean unlocked = "on".equals(name.options().get(NodeOptions.FORCE_SHARE))
                || "off".equals(name.options().get(NodeOptions.LOCKING));
        boolean unbacked = "".equals(name.options().get("backing"));
        switch (access) {
            case READ -> {}
            case READ_SHARED -> unlocked = true;
            case READ_UNBACKED -> unbacked = true;
            case READ_UNBACKED_SHARED -> {
                unlocked = true;
                unbacked = true;
            }
            case WRITE, WRITE_SHARED, WRITE_UNBACKED -> {
                NodeOptions.checkWritable(name.options(), access == Access.WRITE_SHARED);
                request = request.writable();
                unbacked |= access == Access.WRITE_UNBACKED;
            }
        }
        if (unbacked) {
            request = request.withoutBacking();
        }
        return unlocked ? request.forceShare() : request;
    }

    static @Nullable ImageFormat format(@Nullable String driver) {
        if (driver == null) {
            return null;
        }
        return switch (driver) {
            case "qcow2" -> ImageFormat.QCOW2;
            case "luks" -> ImageFormat.LUKS;
            default -> ImageFormat.RAW;
        };
    }

    private static DiskImage window(DiskImage image, ImageName name) throws IOException {
        try {
            long offset = OptionSet.size("offset", name.options().getOrDefault("offset", "0"));
            String given = name.options().get("size");
            long size = given == null ? image.sizeBytes() - offset : OptionSet.size("size", given);
            if (given != null && size % SECTOR_BYTES != 0) {
                throw new StorageException("Specified size is not multiple of " + SECTOR_BYTES);
            }
            return new WindowImage(image, offset, size);
        } catch (IOException e) {
            image.close();
            throw e;
        }
    }
}
