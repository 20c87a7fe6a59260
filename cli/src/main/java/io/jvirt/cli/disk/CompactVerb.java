// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageCopies;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code compact}: rewrites an image without what it no longer needs, beside the old one, and takes its place. */
final class CompactVerb extends Verb {
    private static final int ZSTD = LONG + 10;
    private static final int ZLIB = LONG + 11;
    private static final int IN_PLACE = LONG + 12;
    private static final int DROP_SNAPSHOTS = LONG + 13;
    private static final int FREE_SPACE = LONG + 14;

    private @Nullable CompressionType compression;
    private int threads = CopySettings.standard().threads();
    private boolean dropSnapshots;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        boolean progress = false;
        boolean quiet = false;
        GetOpt options = new GetOpt(
                args,
                "f:hm:pq",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                OBJECT_OPTION,
                GetOpt.flag("zstd", ZSTD),
                GetOpt.flag("zlib", ZLIB),
                GetOpt.flag("in-place", IN_PLACE),
                GetOpt.flag("drop-snapshots", DROP_SNAPSHOTS),
                GetOpt.flag("free-space", FREE_SPACE));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'm' -> threads = Threads.option(console(), options.argument());
                case 'p' -> progress = true;
                case 'q' -> quiet = true;
                case ZSTD -> compression = CompressionType.ZSTD;
                case ZLIB -> compression = CompressionType.ZLIB;
                case DROP_SNAPSHOTS -> dropSnapshots = true;
                case IN_PLACE -> throw new UnsupportedOperationException("compact --in-place");
                case FREE_SPACE -> throw new UnsupportedOperationException("compact --free-space");
                default -> throw new IllegalStateException("option " + option);
            }
        }
        String file = fileOperand(options);
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, false);
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
        Path path = Path.of(name.file()).toRealPath();
        long allocated;
        long apparent;
        // Opened for writing, so that nobody else can have it open while its successor is made.
        try (DiskImage source = images.tryOpen(name, Images.Access.WRITE);
                FreshFile fresh = FreshFile.besideInUse(path)) {
            copy(source, before, fresh, line);
            fresh.commit(true);
            allocated = fresh.file().allocatedBytes();
            apparent = fresh.file().sizeBytes();
        }
        line.complete();
        say(
                quiet,
                "Compacted '" + name.shown() + "': allocated (du) " + Sizes.human(before.allocatedBytes()) + " -> "
                        + Sizes.human(allocated) + ", apparent (ls) " + Sizes.human(before.apparentSizeBytes()) + " -> "
                        + Sizes.human(apparent) + "\n");
    }

    private void check(ImageDescription image) {
        if (image.format() == ImageFormat.LUKS) {
            throw new UnsupportedOperationException("compact of an encrypted image");
        }
        if (image.format() == ImageFormat.RAW && compression != null) {
            throw console().fail("Compression not supported for this file format");
        }
        if (image.qcow2() == null) {
            return;
        }
        if (!image.qcow2().snapshots().isEmpty() && !dropSnapshots) {
            throw console()
                    .fail(
                            "'" + image.file() + "' has internal snapshots, which would be lost",
                            "Use --drop-snapshots to give them up, or delete them with 'snapshot -d'.");
        }
        if (!image.qcow2().bitmaps().isEmpty()) {
            throw new UnsupportedOperationException("compact of an image with dirty bitmaps");
        }
        Header header = image.qcow2().header();
        if (header.features().hasDataFile()) {
            throw new UnsupportedOperationException("compact of an image with an external data file");
        }
        if (header.cryptMethod() != 0) {
            throw new UnsupportedOperationException("compact of an encrypted image");
        }
    }

    private void copy(DiskImage source, ImageDescription before, FreshFile fresh, ProgressLine line)
            throws IOException {
        HostFile file = fresh.file();
        boolean backed = before.qcow2() != null && before.qcow2().header().backingFile() != null;
        CopySettings settings =
                new CopySettings(threads, 4096, 0, true, backed, Long.MAX_VALUE, compression != null, null, line);
        if (before.qcow2() == null) {
            file.truncate(before.apparentSizeBytes());
            ImageCopies.toImage(source, source.sizeBytes(), new RawImage(file), false, settings);
        } else {
            ImageCopies.toNewQcow2(
                    source, source.sizeBytes(), file, options(before.qcow2().header()), compression, settings);
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
