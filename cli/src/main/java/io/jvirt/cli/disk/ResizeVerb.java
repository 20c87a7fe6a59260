// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** {@code resize}: changes the virtual size. */
final class ResizeVerb extends Verb {
    private static final int PREALLOCATION = LONG + 10;
    private static final int SHRINK = LONG + 11;
    private static final int WRITE_BYTES = 1 << 20;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        String preallocation = "off";
        boolean quiet = false;
        boolean imageOpts = false;
        boolean shrink = false;
        for (String arg : args) {
            if (arg.equals("--help") || arg.equals("-h")) {
                return Help.verb(console(), "resize");
            }
        }
        // The size is taken off first: "-1G" is no option.
        if (args.length < 2) {
            throw console().usage("Not enough arguments");
        }
        String size = args[args.length - 1];
        GetOpt options = new GetOpt(
                Arrays.copyOf(args, args.length - 1),
                "f:hq",
                HELP_OPTION,
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                GetOpt.valued("preallocation", PREALLOCATION),
                GetOpt.flag("shrink", SHRINK));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'q' -> quiet = true;
                case PREALLOCATION -> preallocation = checkPreallocation(options.argument());
                case SHRINK -> shrink = true;
                default -> imageOpts = true;
            }
        }
        if (options.operands().size() != 1) {
            throw console().usage("Expecting image file name and size");
        }
        String file = options.operands().get(0);
        int sign = size.startsWith("+") ? 1 : size.startsWith("-") ? -1 : 0;
        long amount = amount(sign == 0 ? size : size.substring(1));
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        try (DiskImage image = images.open(file, format, imageOpts, Images.Access.WRITE)) {
            resize(image, sign == 0 ? amount : image.sizeBytes() + sign * amount, preallocation, shrink);
        }
        say(quiet, "Image resized.\n");
        return 0;
    }

    private String checkPreallocation(String mode) {
        if (!List.of("off", "metadata", "falloc", "full").contains(mode)) {
            throw console().fail("Invalid preallocation mode '" + mode + "'");
        }
        return mode;
    }

    private long amount(String text) {
        OptionSet size = new OptionSet(List.of(new OptionSpec("size", OptionSpec.Type.SIZE, "Virtual disk size")));
        try {
            size.set("size", text);
            return size.getSize("size", 0);
        } catch (StorageException e) {
            throw console().failed("", e);
        }
    }

    private void resize(DiskImage image, long newSize, String preallocation, boolean shrink) {
        long oldSize = image.sizeBytes();
        if (newSize <= 0) {
            throw console().fail("New image size must be positive");
        }
        if (newSize <= oldSize && !preallocation.equals("off")) {
            throw console().fail("Preallocation can only be used for growing images");
        }
        if (newSize < oldSize && !shrink) {
            console().error("Use the --shrink option to perform a shrink operation.");
            console()
                    .warn("Shrinking an image will delete all data beyond the shrunken image's end. "
                            + "Before performing such an operation, make sure there is no important data there.");
            throw new VerbExit(1);
        }
        boolean raw = image instanceof RawImage;
        if (raw && preallocation.equals("metadata")) {
            throw console().fail("Unsupported preallocation mode 'metadata'");
        }
        try {
            if (image instanceof Qcow2Image qcow2 && !preallocation.equals("off")) {
                qcow2.resize(newSize, preallocation.equals("metadata") ? Preallocation.METADATA : Preallocation.FALLOC);
            } else {
                image.resize(newSize);
            }
            preallocate(image, oldSize, image.sizeBytes(), preallocation);
        } catch (IOException e) {
            throw console().failed("", e);
        }
    }

    private static void preallocate(DiskImage image, long from, long to, String mode) throws IOException {
        if (image instanceof RawImage raw && !mode.equals("off")) {
            raw.store().allocate(from, to - from);
        }
        if (mode.equals("full")) {
            ByteBuffer zeros = PageBuffer.allocate(WRITE_BYTES);
            for (long at = from; at < to; at += zeros.limit()) {
                image.write(at, zeros.clear().limit((int) Math.min(WRITE_BYTES, to - at)));
            }
        }
    }
}
