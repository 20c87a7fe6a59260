// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.FileName;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.OverlayCommit;
import io.jvirt.storage.file.EarlyWriteBack;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code commit}: writes what an overlay changed into its backing file. */
final class CommitVerb extends Verb {
    private @Nullable String format;
    private @Nullable String base;
    private long bytesPerSecond;
    private boolean keep;
    private boolean imageOpts;

    @Override
    int run(String[] args) throws IOException {
        String cache = "writeback";
        boolean progress = false;
        boolean quiet = false;
        GetOpt options = new GetOpt(args, "f:ht:b:dpqr:", HELP_OPTION, OBJECT_OPTION, IMAGE_OPTS_OPTION, NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 't' -> cache = options.argument();
                case 'b' -> {
                    base = options.argument();
                    keep = true;
                }
                case 'd' -> keep = true;
                case 'p' -> progress = true;
                case 'q' -> quiet = true;
                case 'r' -> bytesPerSecond = Sizes.option(console(), "rate limit", options.argument());
                default -> imageOpts = true;
            }
        }
        String file = fileOperand(options);
        CacheMode.check(console(), cache, "cache");
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        List<DiskImage> opened = new ArrayList<>();
        ProgressLine line = null;
        try {
            opened.add(images.open(name, Images.Access.WRITE_UNBACKED));
            line = new ProgressLine(console(), progress && !quiet, 1);
            commit(images, name, opened, line);
            line.complete();
        } catch (IOException e) {
            throw console().failed("", e);
        } finally {
            for (DiskImage image : opened) {
                image.close();
            }
            if (line != null) {
                line.end();
            }
        }
        say(quiet, "Image committed.\n");
        return 0;
    }

    private record Base(ImageName name, DiskImage image) {}

    @SuppressWarnings("try") // The write-back goes on beside the copy for as long as it is open.
    private void commit(Images images, ImageName name, List<DiskImage> opened, ProgressLine line) throws IOException {
        Header header = opened.get(0) instanceof Qcow2Image qcow2 ? qcow2.header() : null;
        if (header == null || header.backingFile() == null) {
            throw new StorageException(
                    base == null
                            ? "Image does not have a backing file"
                            : "Did not find '" + base + "' in the backing chain of '" + name.typed() + "'");
        }
        List<DiskImage> layers = new ArrayList<>();
        layers.add(opened.get(0));
        Base target = openBase(images, name, header, layers, opened);
        try (EarlyWriteBack early = target.name().nbd()
                ? null
                : EarlyWriteBack.of(Path.of(target.name().file()))) {
            OverlayCommit.copyDown(layers, target.image(), bytesPerSecond, line);
        }
        if (!keep) {
            empty(images, name, header, opened.get(0));
        }
    }

    /** Opens the chain below the overlay: what is above the base goes to the layers, the base is opened for writing. */
    private Base openBase(
            Images images, ImageName top, Header topHeader, List<DiskImage> layers, List<DiskImage> opened)
            throws IOException {
        String image = top.file();
        Header header = topHeader;
        ImageName given = top.backing();
        while (true) {
            String stored = header.backingFile();
            if (stored == null) {
                throw new StorageException("Did not find '" + base + "' in the backing chain of '" + top.typed() + "'");
            }
            String full = FileName.full(image, stored);
            images.allowBeside(full);
            ImageName name = given == null ? ImageName.plain(full, header.backingFormat()) : given;
            given = given == null ? null : given.backing();
            if (base == null || isBase(full, image)) {
                DiskImage target = images.tryOpen(name, Images.Access.WRITE);
                opened.add(target);
                return new Base(name, target);
            }
            DiskImage layer = images.tryOpen(name, Images.Access.READ_UNBACKED);
            opened.add(layer);
            layers.add(layer);
            if (!(layer instanceof Qcow2Image qcow2)) {
                throw new StorageException("Did not find '" + base + "' in the backing chain of '" + top.typed() + "'");
            }
            header = qcow2.header();
            image = name.file();
        }
    }

    /** A base is named as from the image that names it as its backing file. */
    private boolean isBase(String full, String image) throws IOException {
        String wanted = FileName.full(image, String.valueOf(base));
        return full.equals(wanted) || real(full).equals(real(wanted));
    }

    private static Path real(String file) throws IOException {
        Path path = Path.of(file);
        return Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    }

    /**
     * An overlay that is nothing but a disk is replaced by an empty one, which takes its place only when it is whole; the
     * others are emptied where they are.
     */
    private static void empty(Images images, ImageName name, Header header, DiskImage overlay) throws IOException {
        Qcow2Description qcow2 = images.describe(name, true).qcow2();
        boolean plain = qcow2 != null
                && !name.nbd()
                && qcow2.snapshots().isEmpty()
                && qcow2.bitmaps().isEmpty()
                && header.cryptMethod() == Header.CRYPT_NONE
                && !header.features().hasDataFile();
        if (!plain) {
            if (overlay instanceof Qcow2Image image) {
                image.structure().empty();
            }
            return;
        }
        try (FreshFile fresh = FreshFile.besideInUse(Path.of(name.file()))) {
            OverlayCommit.writeEmpty(fresh.file(), header);
            fresh.commit(true);
        }
    }
}
