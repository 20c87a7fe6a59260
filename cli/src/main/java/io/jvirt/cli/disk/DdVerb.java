// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** {@code dd}: copies blocks of one image into a new one. */
final class DdVerb extends Verb {
    private static final int BUFFER_BYTES = 1 << 20;

    private long blockBytes = 512;
    private long count = -1;
    private long skip;
    private boolean skipGiven;
    private @Nullable String input;
    private @Nullable String output;

    @Override
    int run(String[] args) throws IOException {
        String targetFormat = "raw";
        String format = null;
        boolean shared = false;
        boolean imageOpts = false;
        GetOpt options = new GetOpt(args, "hf:O:U", HELP_OPTION, OBJECT_OPTION, IMAGE_OPTS_OPTION, SHARE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'O' -> targetFormat = options.argument();
                case 'f' -> format = options.argument();
                case 'U' -> shared = true;
                default -> imageOpts = true;
            }
        }
        for (String operand : options.operands()) {
            take(operand);
        }
        if (input == null || output == null) {
            throw console().fail("Must specify both input and output files");
        }
        Images images = new Images(console(), secrets());
        images.allowBeside(input);
        images.allowBeside(output);
        try (DiskImage source = images.open(input, format, imageOpts, Images.Access.read(shared))) {
            if (!FormatOptions.canCreate(targetFormat)) {
                throw console().fail("Unknown file format");
            }
            copy(images, source, targetFormat, input, output);
        }
        return 0;
    }

    private void take(String operand) {
        int equals = operand.indexOf('=');
        String name = equals < 0 ? operand : operand.substring(0, equals);
        String value = operand.substring(equals + 1);
        if (equals < 0) {
            throw console().fail("unrecognized operand " + name);
        }
        switch (name) {
            case "bs" -> blockBytes = Sizes.option(console(), "bs", value, 1, Integer.MAX_VALUE);
            case "count" -> count = Sizes.option(console(), "count", value);
            case "skip" -> {
                skip = Sizes.option(console(), "skip", value);
                skipGiven = true;
            }
            case "if" -> input = value;
            case "of" -> output = value;
            default -> throw console().fail("unrecognized operand " + name);
        }
    }

    private void copy(Images images, DiskImage source, String targetFormat, String from, String to) throws IOException {
        long size = source.sizeBytes();
        if (count >= 0 && count <= Long.MAX_VALUE / blockBytes && count * blockBytes < size) {
            size = count * blockBytes;
        }
        boolean beyond = skipGiven && (skip > Long.MAX_VALUE / blockBytes || size < skip * blockBytes);
        long start = beyond ? size : skip * blockBytes;
        OptionSet options = NewImage.optionsFor(console(), targetFormat, to, "");
        try {
            options.set("size", Long.toString(size - start));
            new NewImage(to, targetFormat, options, secrets()).create(size - start);
        } catch (IOException e) {
            throw console().failed(to + ": error while creating output image: ", e);
        }
        try (DiskImage target = images.open(to, targetFormat, false, Images.Access.WRITE)) {
            if (beyond) {
                console().error(from + ": cannot skip to specified offset");
            }
            copyBytes(source, start, size, target);
        }
    }

    private void copyBytes(DiskImage source, long start, long end, DiskImage target) throws IOException {
        ByteBuffer data = PageBuffer.allocate(BUFFER_BYTES);
        for (long at = start; at < end; at += data.limit()) {
            data.clear().limit((int) Math.min(data.capacity(), end - at));
            try {
                source.read(at, data);
            } catch (IOException e) {
                throw console().failed("error while reading from input image file: ", e);
            }
            data.flip();
            try {
                long position = at - start;
                if (target.format() == ImageFormat.RAW && position + data.limit() > target.sizeBytes()) {
                    target.resize(position + data.limit());
                }
                target.write(position, data);
            } catch (IOException e) {
                throw console().failed("error while writing to output image file: ", e);
            }
        }
    }
}
