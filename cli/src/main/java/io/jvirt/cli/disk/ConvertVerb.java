// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.io.IOException;
import java.util.List;

/** {@code convert}: reads the command line and refuses what does not go together; {@link ConvertJob} does the work. */
final class ConvertVerb extends Verb {
    private static final int TARGET_IMAGE_OPTS = LONG + 10;
    private static final int SALVAGE = LONG + 11;
    private static final int TARGET_IS_ZERO = LONG + 12;
    private static final int BITMAPS = LONG + 13;
    private static final int SKIP_BROKEN = LONG + 14;
    private static final int DIGEST = LONG + 15;
    private static final int SYNC = LONG + 16;
    private static final int RESUME = LONG + 17;
    private static final int REFLINK = LONG + 18;
    private static final int SECTOR_BYTES = 512;
    private static final long MAX_SPARSE_BYTES = 16 << 20;

    private final ConvertOptions given = new ConvertOptions();

    @Override
    int run(String[] args) throws IOException {
        GetOpt options = new GetOpt(
                args,
                "hf:O:B:CcF:o:l:S:pt:T:qnm:WUr:",
                HELP_OPTION,
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                SHARE_OPTION,
                GetOpt.flag("target-image-opts", TARGET_IMAGE_OPTS),
                GetOpt.flag("salvage", SALVAGE),
                GetOpt.flag("target-is-zero", TARGET_IS_ZERO),
                GetOpt.flag("bitmaps", BITMAPS),
                GetOpt.flag("skip-broken-bitmaps", SKIP_BROKEN),
                GetOpt.flag("digest", DIGEST),
                GetOpt.flag("sync", SYNC),
                GetOpt.valued("reflink", REFLINK),
                GetOpt.flag("resume", RESUME),
                GetOpt.valued("threads", 'm'),
                GetOpt.valued("bandwidth", 'r'),
                NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            take(option, options);
        }
        List<String> operands = options.operands();
        if (given.targetFormat == null && !given.targetImageOpts) {
            given.targetFormat = "raw";
        }
        checkTogether();
        boolean named = operands.size() > 1;
        if (given.optionText != null && OptionList.asksForHelp(given.optionText)) {
            if (given.targetFormat == null) {
                throw console().fail("Option help requires a format be specified");
            }
            return CreateVerb.optionHelp(
                    console(), given.targetFormat, named ? operands.get(operands.size() - 1) : null);
        }
        if (!named) {
            throw console().fail("Must specify image file name");
        }
        CacheMode.check(console(), given.sourceCache, "source cache");
        given.sources = operands.subList(0, operands.size() - 1);
        given.target = operands.get(operands.size() - 1);
        if (given.fromStream()) {
            ConvertFromStream.check(console(), given);
        }
        if (given.resume) {
            ConvertResume.check(console(), given);
        }
        if (given.toStream()) {
            ConvertToStream.check(console(), given);
        }
        Console console = given.toStream() ? console().onStandardError() : console();
        try {
            return new ConvertJob(console, secrets(), given).run();
        } finally {
            console.flush();
        }
    }

    private void take(int option, GetOpt options) {
        switch (option) {
            case 'f' -> given.sourceFormat = options.argument();
            case 'O' -> given.targetFormat = options.argument();
            case 'B' -> given.backingFile = options.argument();
            case 'C' -> given.copyRange = true;
            case 'c' -> given.compress = true;
            case 'F' -> given.backingFormat = options.argument();
            case 'o' -> given.optionText = OptionList.append(console(), given.optionText, options.argument());
            case 'l' -> given.snapshot = SnapshotName.parse(console(), options.argument());
            case 'S' -> given.sparseBytes = sparse(options.argument());
            case 'p' -> given.progress = true;
            case 't' -> given.cache = options.argument();
            case 'T' -> given.sourceCache = options.argument();
            case 'q' -> given.quiet = true;
            case 'n' -> given.targetExists = true;
            case 'm' -> given.threads = Threads.option(console(), options.argument());
            case 'W' -> {} // The order of writes never matters to the result here.
            case 'U' -> given.shared = true;
            case 'r' -> given.bytesPerSecond = Sizes.option(console(), "rate limit", options.argument());
            case IMAGE_OPTS -> given.imageOpts = true;
            case TARGET_IMAGE_OPTS -> given.targetImageOpts = true;
            case SALVAGE -> given.salvage = true;
            case TARGET_IS_ZERO -> given.targetIsZero = true;
            case BITMAPS -> given.bitmaps = true;
            case SKIP_BROKEN -> given.skipBrokenBitmaps = true;
            case DIGEST -> given.digest = true;
            case SYNC -> given.sync = true;
            case REFLINK -> given.reflink = reflink(options.argument());
            case RESUME -> given.resume = true;
            default -> throw new IllegalStateException("option " + option);
        }
    }

    private long sparse(String text) {
        long bytes = Sizes.option(console(), "buffer size for sparse output", text);
        if (bytes % SECTOR_BYTES != 0 || bytes > MAX_SPARSE_BYTES) {
            throw console()
                    .fail("Invalid buffer size for sparse output specified. Valid sizes are multiples of "
                            + SECTOR_BYTES + " up to " + MAX_SPARSE_BYTES
                            + ". Select 0 to disable sparse detection (fully allocates output).");
        }
        given.sparseGiven = true;
        return bytes;
    }

    private boolean reflink(String text) {
        return switch (text) {
            case "auto" -> true;
            case "never" -> false;
            default -> throw console().fail("Invalid argument '" + text + "' of --reflink: auto or never");
        };
    }

    private void checkTogether() {
        refuse(given.skipBrokenBitmaps && !given.bitmaps, "Use of --skip-broken-bitmaps requires --bitmaps");
        refuse(given.compress && given.copyRange, "Cannot enable copy offloading when -c is used");
        refuse(given.sparseGiven && given.copyRange, "Cannot enable copy offloading when -S is used");
        refuse(given.copyRange && given.salvage, "Cannot use copy offloading in salvaging mode");
        refuse(given.targetImageOpts && !given.targetExists, "--target-image-opts requires use of -n flag");
        refuse(given.targetExists && given.optionText != null, "-o has no effect when skipping image creation");
        refuse(given.targetIsZero && !given.targetExists, "--target-is-zero requires use of -n flag");
    }

    private void refuse(boolean refused, String message) {
        if (refused) {
            throw console().fail(message);
        }
    }
}
