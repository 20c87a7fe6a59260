// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageCopies;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.EarlyWriteBack;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.guest.GuestFreeSpace;
import io.jvirt.storage.qcow2.DataTransform;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.Qcow2Encryption;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.qcow2.compact.InPlaceCompaction;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code compact}: rewrites an image without what it no longer needs, beside the old one, and takes its place; or, in
 * place, moves its tail into its gaps, which keeps all that a copy would lose.
 */
final class CompactVerb extends Verb {
    private static final int ZSTD = LONG + 10;
    private static final int ZLIB = LONG + 11;
    private static final int IN_PLACE = LONG + 12;
    private static final int DROP_SNAPSHOTS = LONG + 13;
    private static final int FREE_SPACE = LONG + 14;
    private static final int BANDWIDTH = LONG + 15;

    /** So much of the disk is looked at in one go. */
    private static final long MAP_BYTES = 1L << 30;

    private @Nullable CompressionType compression;
    private int threads = CopySettings.standard().threads();
    private long bytesPerSecond;
    private boolean dropSnapshots;
    private boolean inPlace;
    private boolean freeSpace;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        boolean progress = false;
        boolean quiet = false;
        boolean imageOpts = false;
        GetOpt options = new GetOpt(
                args,
                "f:hm:pq",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                GetOpt.flag("zstd", ZSTD),
                GetOpt.flag("zlib", ZLIB),
                GetOpt.flag("in-place", IN_PLACE),
                GetOpt.flag("drop-snapshots", DROP_SNAPSHOTS),
                GetOpt.flag("free-space", FREE_SPACE),
                GetOpt.valued("threads", 'm'),
                GetOpt.valued("bandwidth", BANDWIDTH),
                NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'm' -> threads = Threads.option(console(), options.argument());
                case 'p' -> progress = true;
                case 'q' -> quiet = true;
                case ZSTD -> compression = CompressionType.ZSTD;
                case ZLIB -> compression = CompressionType.ZLIB;
                case DROP_SNAPSHOTS -> dropSnapshots = true;
                case IN_PLACE -> inPlace = true;
                case IMAGE_OPTS -> imageOpts = true;
                case FREE_SPACE -> freeSpace = true;
                case BANDWIDTH -> bytesPerSecond = Sizes.option(console(), "rate limit", options.argument());
                default -> throw new IllegalStateException("option " + option);
            }
        }
        String file = fileOperand(options);
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        ProgressLine line = new ProgressLine(console(), progress && !quiet, 1);
        try {
            compact(images, name, line, quiet);
        } catch (IOException e) {
            throw console().failed("Could not compact '" + file + "': ", e);
        } finally {
            line.end();
        }
        return 0;
    }

    private void compact(Images images, ImageName name, ProgressLine line, boolean quiet) throws IOException {
        ImageDescription before = images.describe(name, false);
        check(before);
        inPlace = inPlace || (compression == null && before.qcow2() != null && isCompressed(images, name));
        if (freeSpace) {
            giveUpFreeSpace(images, name, quiet);
        }
        if (inPlace) {
            inPlace(images, name, before, line, quiet);
            line.complete();
            report(quiet, name, before, images.describe(name, false));
            return;
        }
        Path path = Path.of(name.file()).toRealPath();
        // Opened for writing, so that nobody else can have it open while its successor is made.
        try (DiskImage source = images.tryOpen(name, Images.Access.WRITE);
                FreshFile fresh = FreshFile.besideInUse(path)) {
            copy(source, before, fresh, line);
            fresh.commit(true);
        }
        line.complete();
        report(quiet, name, before, images.describe(name, false));
    }

    /** In the image itself: nothing that the guest could ever read again is lost. */
    private void giveUpFreeSpace(Images images, ImageName name, boolean quiet) throws IOException {
        try (DiskImage disk = images.tryOpen(name, Images.Access.WRITE)) {
            GuestFreeSpace found = GuestFreeSpace.giveUp(disk);
            if (found.fileSystems() == 0) {
                throw console()
                        .fail(
                                "No file system in '" + name.shown() + "' could be read safely: "
                                        + String.join("; ", found.notes()),
                                "Shut the guest down cleanly, or leave out --free-space.");
            }
            if (!quiet) {
                found.notes().forEach(note -> console().raw("note: " + note + "\n"));
            }
            say(
                    quiet,
                    "Free in " + found.fileSystems() + (found.fileSystems() == 1 ? " file system: " : " file systems: ")
                            + Sizes.human(found.freeBytes()) + "\n");
        }
    }

    private void report(boolean quiet, ImageName name, ImageDescription before, ImageDescription after) {
        say(
                quiet,
                "Compacted '" + name.shown() + "'" + (inPlace ? " in place" : "") + ": allocated (du) "
                        + Sizes.human(before.allocatedBytes()) + " -> " + Sizes.human(after.allocatedBytes())
                        + ", apparent (ls) " + Sizes.human(before.apparentSizeBytes()) + " -> "
                        + Sizes.human(after.apparentSizeBytes()) + "\n");
    }

    /** Each part leaves a sound image: zeros are given up, snapshots deleted, and then the tail is moved. */
    private void inPlace(Images images, ImageName name, ImageDescription before, ProgressLine line, boolean quiet)
            throws IOException {
        Header header = before.qcow2() == null ? null : before.qcow2().header();
        String key = name.options().get("encrypt.key-secret");
        boolean readable = header == null || header.cryptMethod() == Header.CRYPT_NONE || key != null;
        if (!readable && !quiet) {
            console()
                    .raw("note: the data in '" + name.shown() + "' stays where it is, as it is encrypted for its place;"
                            + " with --image-opts and encrypt.key-secret=ID it moves, too\n");
        }
        if (readable) {
            try (DiskImage disk = images.tryOpen(name, Images.Access.WRITE)) {
                if (disk instanceof Qcow2Image qcow2) {
                    if (dropSnapshots) {
                        for (Snapshot snapshot : qcow2.snapshots().list()) {
                            qcow2.snapshots().delete(snapshot);
                        }
                    }
                    qcow2.dropZeros(at -> line.done(at, disk.sizeBytes()));
                } else {
                    ImageCopies.punchZeros(disk, line);
                }
            }
        }
        if (header != null) {
            try (HostFile file = HostFile.open(before.file(), false)) {
                file.lock(LockRequest.WRITE_FORMAT);
                ByteStore store = file.named(name.shown());
                DataTransform encryption = key == null || header.cryptMethod() != Header.CRYPT_LUKS
                        ? null
                        : Qcow2Encryption.unlock(store, HeaderReader.read(store), images.secret(key));
                InPlaceCompaction.run(store, encryption);
            }
        }
    }

    private void check(ImageDescription image) {
        if (image.format() == ImageFormat.LUKS) {
            throw console()
                    .fail(
                            "'" + image.file()
                                    + "' is encrypted as a whole, so that nobody can tell what is free in it",
                            "Convert it to a new image instead.");
        }
        if (image.format() == ImageFormat.RAW && compression != null) {
            throw console().fail("Compression not supported for this file format");
        }
        String kept = image.qcow2() == null ? null : keptInPlace(image.qcow2());
        if (compression != null && (inPlace || kept != null)) {
            throw console()
                    .fail(
                            "Compression needs a new file, and "
                                    + (kept == null ? "--in-place makes none" : "the image has " + kept),
                            kept == null
                                    ? "Leave out --in-place."
                                    : "Compact it without compression, which keeps them.");
        }
        inPlace |= kept != null;
    }

    /** What a copy would lose, or null. */
    private @Nullable String keptInPlace(Qcow2Description image) {
        if (!image.snapshots().isEmpty() && !dropSnapshots) {
            return "internal snapshots";
        }
        if (!image.bitmaps().isEmpty()) {
            return "dirty bitmaps";
        }
        if (image.header().features().hasDataFile()) {
            return "an external data file";
        }
        return image.header().cryptMethod() == Header.CRYPT_NONE ? null : "encrypted data";
    }

    /** A copy without compression would be larger than what it is made of. */
    private static boolean isCompressed(Images images, ImageName name) throws IOException {
        boolean[] found = new boolean[1];
        try (DiskImage disk = images.tryOpen(name, Images.Access.WRITE)) {
            for (long at = 0; at < disk.sizeBytes() && !found[0]; at += MAP_BYTES) {
                disk.map(
                        at,
                        Math.min(MAP_BYTES, disk.sizeBytes() - at),
                        extent -> found[0] |= extent.depth() == 0 && extent.kind() == Extent.Kind.COMPRESSED);
            }
        }
        return found[0];
    }

    @SuppressWarnings("try") // The write-back goes on beside the copy for as long as it is open.
    private void copy(DiskImage source, ImageDescription before, FreshFile fresh, ProgressLine line)
            throws IOException {
        HostFile file = fresh.file();
        boolean backed = before.qcow2() != null && before.qcow2().header().backingFile() != null;
        CopySettings settings = new CopySettings(
                threads, 4096, bytesPerSecond, true, backed, Long.MAX_VALUE, compression != null, null, line);
        try (EarlyWriteBack early = EarlyWriteBack.of(file.path())) {
            if (before.qcow2() == null) {
                file.truncate(before.apparentSizeBytes());
                ImageCopies.toImage(source, source.sizeBytes(), new RawImage(file), false, settings);
            } else {
                ImageCopies.toNewQcow2(
                        source, source.sizeBytes(), file, options(before.qcow2().header()), compression, settings);
            }
        }
    }

    private Qcow2Options options(Header header) {
        boolean zstd = compression == null ? header.compressionType() != 0 : compression == CompressionType.ZSTD;
        return new Qcow2Options(
                zstd ? 3 : header.version(),
                header.geometry().clusterBytes(),
                header.geometry().refcountBits(),
                header.features().hasLazyRefcounts(),
                header.geometry().extendedL2(),
                zstd,
                header.backingFile(),
                header.backingFormat(),
                null,
                false);
    }
}
