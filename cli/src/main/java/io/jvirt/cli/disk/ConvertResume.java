// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ResumableCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code convert --resume}: what a source is told by, and which options go with it. */
final class ConvertResume {
    private static final long WINDOW_BYTES = 256 << 20;
    private static final int MAX_CHAIN = 200;

    private final Console console;
    private final ConvertOptions given;
    private final Images images;

    ConvertResume(Console console, ConvertOptions given, Images images) {
        this.console = console;
        this.given = given;
        this.images = images;
    }

    /** Ends the verb where an option does not go with a copy in windows. */
    static void check(Console console, ConvertOptions given) {
        String other = null;
        if (given.targetExists) {
            other = "-n";
        } else if (given.backingFile != null) {
            other = "-B";
        } else if (given.bitmaps) {
            other = "--bitmaps";
        } else if (given.toStream() || given.fromStream()) {
            other = "standard input or output";
        } else if (ImageName.isNbd(given.target)) {
            other = "an NBD target";
        }
        if (other != null) {
            throw console.fail("--resume does not go with " + other);
        }
    }

    void run(DiskImage source, CreateRequest request, CopySettings settings) throws IOException {
        boolean plain = request.preallocation() == Preallocation.OFF
                && request.qcow2().dataFile() == null
                && request.qcow2().backingFile() == null
                && (!Files.exists(request.file()) || Files.isRegularFile(request.file()));
        if (!plain) {
            throw console.fail(
                    "--resume makes a new image file by itself: no device, backing file, data file or preallocation");
        }
        String before = identity(request);
        ResumableCopy copy = new ResumableCopy(request, before, WINDOW_BYTES);
        copy.run(source, settings, () -> before.equals(identity(request)));
        if (copy.resumedAt() > 0 && !given.quiet) {
            console.raw(
                    "Resumed at " + Sizes.human(copy.resumedAt()) + " of " + Sizes.human(source.sizeBytes()) + "\n");
        }
    }

    /** Each file that the sources consist of, with its size and when it was changed last, and how it is copied. */
    private String identity(CreateRequest request) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String source : given.sources) {
            ImageName name = images.name(source, given.sourceFormat, given.imageOpts);
            if (name.nbd()) {
                text.append(name.file()).append(' ');
                continue;
            }
            @Nullable ImageDescription image = images.describe(name, true);
            for (int i = 0; image != null && i < MAX_CHAIN; i++) {
                text.append(fingerprint(image.file())).append(' ');
                String backing = image.qcow2() == null ? null : image.qcow2().fullBackingFile();
                if (image.qcow2() != null && image.qcow2().header().dataFile() != null) {
                    text.append(fingerprint(image.file()
                                    .resolveSibling(String.valueOf(
                                            image.qcow2().header().dataFile()))))
                            .append(' ');
                }
                image = backing == null || backing.startsWith("json:")
                        ? null
                        : images.describe(images.name(backing, null, false), true);
            }
        }
        return text.append(given.snapshot == null ? "" : given.snapshot)
                .append(" -> ")
                .append(request.format().id())
                .append(' ')
                .append(given.optionText)
                .append(' ')
                .append(given.sparseBytes)
                .append(given.compress ? " compressed" : "")
                .toString();
    }

    private static String fingerprint(Path file) throws IOException {
        if (!Files.exists(file)) {
            return file.toString();
        }
        return file.toRealPath() + ":" + Files.size(file) + ":" + Files.getAttribute(file, "unix:ino") + ":"
                + Files.getLastModifiedTime(file);
    }
}
