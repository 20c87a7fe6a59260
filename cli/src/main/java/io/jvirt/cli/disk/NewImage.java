// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.LuksImage;
import io.jvirt.storage.crypto.LuksOptions;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.nbd.NbdAddress;
import io.jvirt.storage.nbd.NbdImage;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An image about to be created from a format's options; used by every verb that makes one. */
final class NewImage {
    private static final int FIRST_BLOCK_BYTES = 4096;
    private static final long MAX_L1_ENTRIES = (32L << 20) / 8;

    private static final List<String> OF_ENCRYPTION =
            List.of("key-secret", "cipher-alg", "cipher-mode", "ivgen-alg", "ivgen-hash-alg", "hash-alg", "iter-time");

    private final String fileName;
    private final String format;
    private final OptionSet options;
    private final Secrets secrets;

    NewImage(String fileName, String format, OptionSet options, Secrets secrets) {
        this.fileName = fileName;
        this.format = format;
        this.options = options;
        this.secrets = secrets;
    }

    /** Refuses a format that cannot be created; returns its options together with those of the file. */
    static OptionSet optionsFor(Console console, String format, String fileName, String prefix) {
        checkFormat(console, format, prefix);
        if (fileName.indexOf(':') > 0 && !fileName.startsWith("file:") && !ImageName.isNbd(fileName)) {
            int colon = fileName.indexOf(':');
            int slash = fileName.indexOf('/');
            if (slash < 0 || colon < slash) {
                throw console.fail(prefix + "Unknown protocol '" + fileName.substring(0, colon) + "'");
            }
        }
        return new OptionSet(FormatOptions.create(format, fileName));
    }

    static void checkFormat(Console console, String format, String prefix) {
        if (FormatOptions.canCreate(format)) {
            return;
        }
        switch (format) {
            case "vmdk",
                    "vdi",
                    "vpc",
                    "vhdx",
                    "qed",
                    "qcow",
                    "parallels",
                    "bochs",
                    "cloop",
                    "dmg",
                    "blkdebug",
                    "blkverify",
                    "null-co",
                    "null-aio",
                    "quorum",
                    "throttle",
                    "copy-on-read",
                    "compress" ->
                throw console.fail(prefix + "Format driver '" + format + "' does not support image creation");
            default -> throw console.fail(prefix + "Unknown file format '" + format + "'");
        }
    }

    /**
     * qemu-img has emptied the file before it fails, and deletes it. Here a failure leaves what was there; a file of no bytes is
     * nothing to leave, and a script may look whether it is gone.
     */
    void deleteEmptyFile() {
        if (!format.equals("qcow2") && !format.equals("luks")) {
            return;
        }
        try {
            Path path = path(fileName);
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.size(path) == 0) {
                Files.delete(path);
            }
        } catch (IOException | InvalidPathException e) {
            // The failure that is told already is the one that matters.
            return;
        }
    }

    /** The path of the new file. */
    static Path path(String fileName) {
        return Path.of(fileName.startsWith("file:") ? fileName.substring("file:".length()) : fileName);
    }

    /** The options as the engine takes them; a value that does not exist is refused in the order in which QEMU looks. */
    CreateRequest request(long sizeBytes) throws StorageException {
        Path path = path(fileName);
        return switch (format) {
            case "qcow2" -> qcow2(path, sizeBytes);
            case "raw", "file", "host_device" ->
                new CreateRequest(
                        path,
                        ImageFormat.RAW,
                        sizeBytes,
                        rawPreallocation(options.get("preallocation")),
                        Qcow2Options.defaults());
            default -> throw new UnsupportedOperationException("this operation on format '" + format + "'");
        };
    }

    private byte[] secret(@Nullable String id, String name) throws StorageException {
        if (id == null) {
            throw new StorageException("Parameter '" + name + "' is required for cipher");
        }
        byte[] secret = secrets.find(id);
        if (secret == null) {
            throw new StorageException("No secret with id '" + id + "'");
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(secret));
        } catch (CharacterCodingException e) {
            // QEMU takes no other passphrase, so the volume would be closed to a virtual machine.
            throw new StorageException(
                    "Data from secret " + id + " is not valid UTF-8", "give the passphrase as text", e);
        }
        return secret;
    }

    private CreateRequest qcow2(Path path, long sizeBytes) throws StorageException {
        int version = version(options.get("compat"));
        checkBackingFormat(options.get("backing_fmt"));
        checkEncryption();
        Preallocation preallocation = preallocation(options.get("preallocation"));
        String compression = options.get("compression_type");
        if (compression != null && !compression.equals("zlib") && !compression.equals("zstd")) {
            throw new StorageException("Parameter 'compression-type' does not accept value '" + compression + "'");
        }
        long clusterBytes = options.getSize("cluster_size", 65536);
        boolean extended = options.getBool("extended_l2");
        if (Long.bitCount(clusterBytes) != 1 || clusterBytes < 512 || clusterBytes > 2 << 20) {
            throw new StorageException("Cluster size must be a power of two between 512 and 2048k");
        }
        String backing = options.get("backing_file");
        if (backing != null && preallocation != Preallocation.OFF && !extended) {
            throw new StorageException(
                    "Backing file and preallocation can only be used at the same time if extended_l2 is on");
        }
        long refcountBits = options.getNumber("refcount_bits", 16);
        Qcow2Options qcow2 = new Qcow2Options(
                version,
                (int) clusterBytes,
                (int) Math.min(Integer.MAX_VALUE, refcountBits & Long.MAX_VALUE),
                options.getBool("lazy_refcounts"),
                extended,
                "zstd".equals(compression),
                backing,
                options.get("backing_fmt"),
                options.get("data_file"),
                options.getBool("data_file_raw"));
        if (backing == null && options.isSet("backing_fmt")) {
            throw new StorageException("Backing format cannot be used without backing file");
        }
        long perL1Entry = clusterBytes * (clusterBytes / (extended ? 16 : 8));
        if (sizeBytes < 0 || sizeBytes > Long.MAX_VALUE - 511) {
            throw new StorageException("Could not resize image: Image size cannot be negative");
        }
        if (sizeBytes / perL1Entry > MAX_L1_ENTRIES) {
            throw new StorageException(
                    "The image size is too large for file format 'qcow2' (try using a larger cluster size)");
        }
        return new CreateRequest(path, ImageFormat.QCOW2, sizeBytes, preallocation, qcow2);
    }

    private void checkEncryption() throws StorageException {
        String encryption = encryption();
        if (encryption == null) {
            for (String name : OF_ENCRYPTION) {
                if (options.isSet("encrypt." + name)) {
                    throw new StorageException("Parameter 'encrypt.format' is missing");
                }
            }
            return;
        }
        if (!encryption.equals("aes") && !encryption.equals("luks")) {
            throw new StorageException("Parameter 'format' does not accept value '" + encryption + "'");
        }
        secret(options.get("encrypt.key-secret"), "encrypt.key-secret");
        if (encryption.equals("luks")) {
            LuksVolume.headerBytes(luksOptions("encrypt."));
        }
    }

    /** The method of encryption that the options ask for, or null. */
    @Nullable
    String encryption() throws StorageException {
        if (!options.knows("encrypt.format")) {
            return null;
        }
        String encryption = options.get("encrypt.format");
        return encryption == null && options.getBool("encryption") ? "aes" : encryption;
    }

    private LuksOptions luksOptions(String prefix) throws StorageException {
        return luksOptions(options, prefix);
    }

    /** How options beginning with {@code prefix} want a volume to be encrypted. */
    static LuksOptions luksOptions(OptionSet options, String prefix) throws StorageException {
        return new LuksOptions(
                options.get(prefix + "cipher-alg"),
                options.get(prefix + "cipher-mode"),
                options.get(prefix + "ivgen-alg"),
                options.get(prefix + "ivgen-hash-alg"),
                options.get(prefix + "hash-alg"),
                options.isSet(prefix + "iter-time") ? options.getNumber(prefix + "iter-time", 0) : null);
    }

    /** The image is there already; whoever opens it now finds no data in it, encrypted or not. */
    private void encrypt(String encryption) throws IOException {
        byte[] passphrase = secret(options.get("encrypt.key-secret"), "encrypt.key-secret");
        OpenRequest request = OpenRequest.of(path(fileName))
                .withFormat(ImageFormat.QCOW2)
                .withoutBacking()
                .withPolicy(OpenPolicy.everything())
                .writable();
        try (DiskImage image =
                isNbd() ? NbdImages.open(nbdName(), secrets, request, () -> {}) : DiskImages.open(request)) {
            ((Qcow2Image) image)
                    .structure()
                    .encrypt(encryption.equals("luks") ? luksOptions("encrypt.") : null, passphrase);
        }
    }

    private boolean isNbd() {
        return ImageName.isNbd(fileName);
    }

    private ImageName nbdName() throws StorageException {
        return ImageName.plain(fileName, format);
    }

    private static int version(@Nullable String compat) throws StorageException {
        if (compat == null) {
            return 3;
        }
        return switch (compat) {
            case "0.10", "v2" -> 2;
            case "1.1", "v3" -> 3;
            default -> throw new StorageException("Parameter 'version' does not accept value '" + compat + "'");
        };
    }

    private static void checkBackingFormat(@Nullable String backingFormat) throws StorageException {
        if (backingFormat != null && !isKnownDriver(backingFormat)) {
            throw new StorageException("Parameter 'backing-fmt' does not accept value '" + backingFormat + "'");
        }
    }

    /** A name of QEMU's that an image may carry, whether this engine reads the format or not. */
    static boolean isKnownDriver(String driver) {
        return switch (driver) {
            case "raw",
                    "qcow2",
                    "luks",
                    "file",
                    "host_device",
                    "nbd",
                    "vmdk",
                    "vdi",
                    "vpc",
                    "vhdx",
                    "qed",
                    "qcow",
                    "parallels",
                    "dmg",
                    "bochs",
                    "cloop",
                    "host_cdrom",
                    "https",
                    "http",
                    "ftp",
                    "ssh",
                    "rbd",
                    "iscsi",
                    "gluster",
                    "null-co",
                    "null-aio" -> true;
            default -> false;
        };
    }

    private static Preallocation preallocation(@Nullable String mode) throws StorageException {
        if (mode == null) {
            return Preallocation.OFF;
        }
        return switch (mode) {
            case "off", "metadata", "falloc", "full" -> Preallocation.valueOf(mode.toUpperCase(Locale.ROOT));
            default -> throw new StorageException("Parameter 'preallocation' does not accept value '" + mode + "'");
        };
    }

    private static Preallocation rawPreallocation(@Nullable String mode) throws StorageException {
        if (mode == null) {
            return Preallocation.OFF;
        }
        return switch (mode) {
            case "off", "falloc", "full" -> Preallocation.valueOf(mode.toUpperCase(Locale.ROOT));
            case "metadata" -> throw new StorageException("Unsupported preallocation mode: metadata");
            default -> throw new StorageException("invalid parameter value: " + mode);
        };
    }

    /** Creates it. */
    void create(long sizeBytes) throws IOException {
        if (format.equals("luks")) {
            createLuks(sizeBytes);
            return;
        }
        CreateRequest request = request(sizeBytes);
        try {
            if (isNbd()) {
                NbdImages.create(fileName, request);
            } else {
                DiskImages.create(request);
            }
            if (request.format() == ImageFormat.RAW && Files.isRegularFile(request.file())) {
                try (HostFile file = HostFile.open(request.file(), false)) {
                    allocateFirstBlock(file);
                }
            }
            String encryption = encryption();
            if (encryption != null) {
                encrypt(encryption);
            }
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("File too large")) {
                String advice = format.equals("qcow2") ? " (try using a larger cluster size)" : "";
                throw new StorageException(
                        "The image size is too large for file format '" + format + "'" + advice, null, e);
            }
            throw e;
        }
    }

    /** The first block of a raw file is there from the start, as in qemu-img's: direct I/O is probed by reading it. */
    static void allocateFirstBlock(HostFile file) throws IOException {
        long size = file.sizeBytes();
        if (size > 0) {
            file.write(0, ByteBuffer.allocate(size < FIRST_BLOCK_BYTES ? 512 : FIRST_BLOCK_BYTES));
        }
    }

    private void createLuks(long sizeBytes) throws IOException {
        byte[] secret = secret(options.get("key-secret"), "key-secret");
        String preallocation = options.get("preallocation");
        if (preallocation != null && !preallocation.equals("off")) {
            throw new UnsupportedOperationException("preallocation of format 'luks'");
        }
        LuksOptions luks = luksOptions("");
        if (isNbd()) {
            try (NbdImage export = NbdImage.open(NbdAddress.parse(fileName), false)) {
                LuksImage.create(export, (sizeBytes + 511) / 512 * 512, luks, secret);
            }
            return;
        }
        try (FreshFile fresh = FreshFile.beside(path(fileName))) {
            LuksImage.create(new RawImage(fresh.file()), (sizeBytes + 511) / 512 * 512, luks, secret);
            fresh.commit();
        }
    }
}
