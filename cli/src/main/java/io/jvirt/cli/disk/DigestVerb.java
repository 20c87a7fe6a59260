// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.copy.CopyProgress;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code digest}: a hash of what the guest sees. Prints it and the name, as sha256sum does. */
final class DigestVerb extends Verb {
    private static final int VERIFY = LONG + 10;
    private static final int DIGEST_DIGITS = 64;
    private static final int MAX_DIGEST_FILE_BYTES = 4096;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        String verify = null;
        boolean imageOpts = false;
        boolean shared = false;
        boolean progress = false;
        int threads = CopySettings.standard().threads();
        GetOpt options = new GetOpt(
                args,
                "f:hm:pU",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                SHARE_OPTION,
                GetOpt.valued("threads", 'm'),
                GetOpt.valued("verify", VERIFY),
                NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'm' -> threads = Threads.option(console(), options.argument());
                case 'p' -> progress = true;
                case 'U' -> shared = true;
                case VERIFY -> verify = options.argument();
                default -> imageOpts = true;
            }
        }
        if (options.operands().isEmpty()) {
            throw console().usage("Expecting an image file name");
        }
        int code = 0;
        Images images = new Images(console(), secrets());
        options.operands().forEach(images::allowBeside);
        String expected = verify == null ? null : expected(images, verify, threads);
        for (String file : options.operands()) {
            code |= digest(images, file, format, imageOpts, shared, threads, progress, expected);
        }
        return code;
    }

    private int digest(
            Images images,
            String file,
            @Nullable String format,
            boolean imageOpts,
            boolean shared,
            int threads,
            boolean progress,
            @Nullable String expected)
            throws IOException {
        try (DiskImage image = images.open(file, format, imageOpts, Images.Access.read(shared))) {
            ProgressLine line = progress ? new ProgressLine(console(), true, 1) : null;
            String digest = ImageDigest.of(image, threads, line == null ? CopyProgress.NONE : line);
            if (line != null) {
                line.complete();
                line.end();
            }
            if (expected == null) {
                console().println(digest + "  " + file);
                return 0;
            }
            boolean same = digest.equals(expected);
            console().println(file + ": " + (same ? "OK" : "FAILED"));
            return same ? 0 : 1;
        }
    }

    /** A digest as given, or the first word of a file that holds one, or that of another image. */
    private String expected(Images images, String text, int threads) throws IOException {
        if (isDigest(text)) {
            return text;
        }
        Path file = Path.of(text);
        if (!Files.exists(file)) {
            throw console().fail("'" + text + "' is neither a digest nor a file with one, nor an image");
        }
        if (Files.isRegularFile(file) && Files.size(file) <= MAX_DIGEST_FILE_BYTES) {
            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
            String word = bytes.strip().split("\\s", 2)[0];
            if (isDigest(word)) {
                return word;
            }
        }
        images.allowBeside(text);
        try (DiskImage image = images.open(text, null, false, Images.Access.READ)) {
            return ImageDigest.of(image, threads, CopyProgress.NONE);
        }
    }

    private static boolean isDigest(String text) {
        return text.length() == DIGEST_DIGITS && text.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0);
    }
}
