// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.FileName;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.MapFailure;
import io.jvirt.storage.copy.OverlayRebase;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code rebase}: another backing file for an overlay. */
final class RebaseVerb extends Verb {
    private @Nullable String format;
    private @Nullable String backing;
    private @Nullable String backingFormat;
    private String cache = "writeback";
    private String sourceCache = "writeback";
    private boolean unsafe;
    private boolean progress;
    private boolean imageOpts;
    private boolean shared;

    @Override
    int run(String[] args) throws IOException {
        boolean quiet = false;
        GetOpt options = new GetOpt(
                args, "hf:F:b:upt:T:qU", HELP_OPTION, OBJECT_OPTION, IMAGE_OPTS_OPTION, SHARE_OPTION, NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'F' -> backingFormat = options.argument();
                case 'b' -> backing = options.argument();
                case 'u' -> unsafe = true;
                case 'p' -> progress = true;
                case 't' -> cache = options.argument();
                case 'T' -> sourceCache = options.argument();
                case 'q' -> quiet = true;
                case 'U' -> shared = true;
                default -> imageOpts = true;
            }
        }
        String file = fileOperand(options);
        if (!unsafe && backing == null) {
            throw console().usage("Must specify backing file (-b) or use unsafe mode (-u)");
        }
        ProgressLine line = new ProgressLine(console(), progress && !quiet, 2);
        try {
            CacheMode.check(console(), cache, "cache");
            CacheMode.check(console(), sourceCache, "source cache");
            rebase(file, line);
            line.complete();
        } finally {
            line.end();
        }
        return 0;
    }

    private void rebase(String file, ProgressLine line) throws IOException {
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        try (DiskImage image = images.open(name, unsafe ? Images.Access.WRITE_UNBACKED : Images.Access.WRITE)) {
            if (backingFormat != null && !NewImage.isKnownDriver(backingFormat)) {
                throw console().fail("Invalid format name: '" + backingFormat + "'");
            }
            if (!unsafe) {
                copyDifferences(images, name, image, line);
            }
            changeBacking(image);
        }
    }

    private void copyDifferences(Images images, ImageName name, DiskImage image, ProgressLine line) {
        String target = String.valueOf(backing);
        try (DiskImage base = target.isEmpty() ? null : openBase(images, name, target)) {
            OverlayRebase.copyDifferences(image, base, OverlayRebase.Zeros.STORED, line);
            image.flush();
        } catch (MapFailure e) {
            console().tellEvent(e);
            throw console().fail("error while reading image metadata: " + CorruptImageException.reason(e));
        } catch (IOException e) {
            throw console().failed("Error while writing to COW image: ", e);
        }
    }

    private DiskImage openBase(Images images, ImageName name, String target) {
        String full = FileName.full(name.file(), target);
        images.allowBeside(full);
        try {
            return images.tryOpen(ImageName.plain(full, backingFormat), Images.Access.read(shared));
        } catch (IOException e) {
            throw console().failed("Could not open new backing file '" + target + "': ", e);
        }
    }

    private static Header withFirst(Header header, HeaderExtension extension) {
        List<HeaderExtension> extensions = new ArrayList<>(header.extensions());
        extensions.add(0, extension);
        return header.withExtensions(extensions);
    }

    private void changeBacking(DiskImage image) {
        String prefix = "Could not change the backing file to '" + (backing == null ? "(null)" : backing) + "': ";
        if (!(image instanceof Qcow2Image qcow2)) {
            throw console().fail(prefix + "Operation not supported");
        }
        boolean none = backing == null || backing.isEmpty();
        if (!none && backingFormat == null) {
            throw console().fail(prefix + "backing format must be specified");
        }
        // Its data file is the whole disk for whoever reads it as raw ("Raw external data" in the specification).
        if (!none && qcow2.header().features().isDataFileRaw()) {
            throw console().fail(prefix + "Invalid argument");
        }
        if (!none && String.valueOf(backing).getBytes(StandardCharsets.UTF_8).length > Header.MAX_BACKING_NAME_BYTES) {
            throw console().fail(prefix + "Invalid argument");
        }
        try {
            qcow2.structure().changeHeader(header -> {
                Header changed =
                        header.withoutExtension(HeaderExtension.BACKING_FORMAT).withBackingFile(none ? null : backing);
                return none || backingFormat == null
                        ? changed
                        : withFirst(changed, HeaderExtension.ofText(HeaderExtension.BACKING_FORMAT, backingFormat));
            });
        } catch (StorageException e) {
            boolean space = String.valueOf(e.getMessage()).startsWith("The header needs");
            throw console().fail(prefix + (space ? "No space left in the file header" : Console.text(e)));
        } catch (IOException e) {
            throw console().failed(prefix, e);
        }
    }
}
