// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageComparison;
import io.jvirt.storage.copy.MapFailure;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code compare}: exit code 0 the same, 1 different, 2 an image cannot be opened, 4 it cannot be read. */
final class CompareVerb extends Verb {
    private static final int CANNOT_OPEN = 2;
    private static final int CANNOT_MAP = 3;
    private static final int CANNOT_READ = 4;

    private static final int THREADS = LONG + 10;

    private boolean quiet;
    private int threads = CopySettings.standard().threads();

    @Override
    int failureCode() {
        return CANNOT_OPEN;
    }

    @Override
    int run(String[] args) throws IOException {
        String firstFormat = null;
        String secondFormat = null;
        String cache = "writeback";
        boolean progress = false;
        boolean strict = false;
        boolean imageOpts = false;
        boolean shared = false;
        GetOpt options = new GetOpt(
                args,
                "hf:F:T:pqsU",
                HELP_OPTION,
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                SHARE_OPTION,
                GetOpt.valued("threads", THREADS),
                NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> firstFormat = options.argument();
                case 'F' -> secondFormat = options.argument();
                case 'T' -> cache = options.argument();
                case 'p' -> progress = true;
                case 'q' -> quiet = true;
                case 's' -> strict = true;
                case 'U' -> shared = true;
                case THREADS -> threads = Threads.option(console(), options.argument());
                default -> imageOpts = true;
            }
        }
        List<String> files = options.operands();
        if (files.size() != 2) {
            throw console().usage("Expecting two image file names");
        }
        boolean shown = progress && !quiet;
        if (!CacheMode.isKnown(cache)) {
            console().error("Invalid source cache option: " + cache);
            say(!shown, "\n");
            return CANNOT_OPEN;
        }
        Images images = new Images(console(), secrets());
        files.forEach(images::allowBeside);
        Images.Access access = Images.Access.read(shared);
        try (DiskImage first = open(images, files.get(0), firstFormat, imageOpts, access, shown);
                DiskImage second = open(images, files.get(1), secondFormat, imageOpts, access, shown)) {
            ProgressLine line = new ProgressLine(console(), shown, 2);
            int code = compare(first, second, strict, files, line);
            line.end();
            return code;
        }
    }

    private DiskImage open(
            Images images,
            String file,
            @Nullable String format,
            boolean imageOpts,
            Images.Access access,
            boolean shown) {
        try {
            return images.open(file, format, imageOpts, access);
        } catch (VerbExit e) {
            say(!shown, "\n");
            throw new VerbExit(CANNOT_OPEN);
        }
    }

    private int compare(DiskImage first, DiskImage second, boolean strict, List<String> files, ProgressLine line)
            throws IOException {
        ImageComparison.Result result;
        long common = Math.min(first.sizeBytes(), second.sizeBytes());
        boolean differentSize = first.sizeBytes() != second.sizeBytes();
        try {
            result = ImageComparison.compare(first, second, strict, threads, line);
        } catch (MapFailure e) {
            console().tellEvent(e);
            if (CorruptImageException.eventBehind(e) == null) {
                console().error(Console.text(e));
            }
            console().error("Sector allocation test failed for " + files.get(e.isFirst() ? 0 : 1));
            return CANNOT_MAP;
        } catch (ImageComparison.ReadFailure e) {
            console().tellEvent(e);
            console()
                    .error("Error while reading offset " + e.guestOffset() + " of " + files.get(e.isFirst() ? 0 : 1)
                            + ": " + e.getMessage());
            return CANNOT_READ;
        }
        boolean commonIsSame = result.outcome() == ImageComparison.Outcome.IDENTICAL
                || (result.outcome() == ImageComparison.Outcome.CONTENT && result.offset() >= common);
        if (differentSize && commonIsSame) {
            say(quiet, "Warning: Image size mismatch!\n");
        }
        switch (result.outcome()) {
            case IDENTICAL -> {
                line.complete();
                say(quiet, "Images are identical.\n");
                return 0;
            }
            case CONTENT -> say(quiet, "Content mismatch at offset " + result.offset() + "!\n");
            case SIZE -> say(quiet, "Strict mode: Image size mismatch!\n");
            case ALLOCATION -> say(quiet, "Strict mode: Offset " + result.offset() + " block status mismatch!\n");
        }
        return 1;
    }
}
