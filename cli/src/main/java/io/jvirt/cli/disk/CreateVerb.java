// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code create}: makes a new image. */
final class CreateVerb extends Verb {
    private String format = "raw";
    private @Nullable String backingFile;
    private @Nullable String backingFormat;
    private @Nullable String optionText;
    private boolean quiet;
    private boolean backingUnopened;

    @Override
    int run(String[] args) throws IOException {
        GetOpt options = new GetOpt(args, "F:b:f:ho:qu", HELP_OPTION, OBJECT_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'F' -> backingFormat = options.argument();
                case 'b' -> backingFile = options.argument();
                case 'f' -> format = options.argument();
                case 'o' -> optionText = OptionList.append(console(), optionText, options.argument());
                case 'q' -> quiet = true;
                default -> backingUnopened = true;
            }
        }
        List<String> operands = options.operands();
        if (optionText != null && OptionList.asksForHelp(optionText)) {
            return optionHelp(console(), format, operands.isEmpty() ? null : operands.get(0));
        }
        if (operands.isEmpty()) {
            throw console().usage("Expecting image file name");
        }
        long size = operands.size() > 1 ? Sizes.option(console(), "image size", operands.get(1)) : -1;
        if (operands.size() > 2) {
            throw console().usage("Unexpected argument: " + operands.get(2));
        }
        create(operands.get(0), size);
        return 0;
    }

    /** Lists a format's options. */
    static int optionHelp(Console console, String format, @Nullable String fileName) {
        NewImage.checkFormat(console, format, "");
        if (fileName == null) {
            console.println("Supported " + format + " options:");
            console.print(OptionSet.help(FormatOptions.createUnnamed(format)));
            console.print("\nThe protocol level may support further options.\n"
                    + "Specify the target filename to include those options.\n");
        } else {
            NewImage.optionsFor(console, format, fileName, "");
            console.println("Supported options:");
            console.print(OptionSet.help(FormatOptions.create(format, fileName)));
        }
        return 0;
    }

    private void create(String fileName, long sizeOperand) throws IOException {
        String prefix = fileName + ": ";
        OptionSet options = NewImage.optionsFor(console(), format, fileName, prefix);
        try {
            if (optionText != null) {
                options.parse(optionText);
            }
            if (options.isSet("size") && sizeOperand != -1) {
                throw new StorageException("The image size must be specified only once");
            }
            if (sizeOperand != -1) {
                options.set("size", Long.toString(sizeOperand));
            }
            setBacking(options, fileName);
            openBacking(options, fileName);
            if (!options.isSet("size")) {
                throw new StorageException("Image creation needs a size parameter");
            }
            if (!quiet) {
                console().println("Formatting '" + fileName + "', fmt=" + format + " " + options.describe());
                console().flush();
            }
            NewImage image = new NewImage(fileName, format, options, secrets());
            try {
                image.create(options.getSize("size", 0));
            } catch (IOException e) {
                if (console().isDropIn()) {
                    image.deleteEmptyFile();
                }
                throw e;
            }
        } catch (IOException e) {
            throw console().failed(prefix, e);
        }
    }

    private void setBacking(OptionSet options, String fileName) throws StorageException {
        if (backingFile != null) {
            if (!options.knows("backing_file")) {
                throw new StorageException("Backing file not supported for file format '" + format + "'");
            }
            options.set("backing_file", backingFile);
        }
        if (backingFormat != null) {
            if (!options.knows("backing_fmt")) {
                throw new StorageException("Backing file format not supported for file format '" + format + "'");
            }
            options.set("backing_fmt", backingFormat);
        }
        String backing = options.get("backing_file");
        if (backing != null) {
            if (backing.equals(fileName)) {
                throw new StorageException(
                        "Error: Trying to create an image with the same filename as the backing file");
            }
            if (backing.isEmpty()) {
                throw new StorageException("Expected backing file name, got empty string");
            }
        }
    }

    /** Opens the backing file, so that an overlay of nothing is not made, and takes its size where none is given. */
    private void openBacking(OptionSet options, String fileName) throws IOException {
        String backing = options.get("backing_file");
        if (backing == null) {
            return;
        }
        String named = options.get("backing_fmt");
        if (backingUnopened) {
            if (named == null) {
                throw new StorageException("Backing file specified without backing format");
            }
            return;
        }
        DiskImage image;
        try {
            ImageName name = ImageName.plain(FileName.full(fileName, backing), named);
            Images images = new Images(console(), secrets());
            if (takeSizeOfEncrypted(images, name, options)) {
                return;
            }
            image = images.tryOpen(name, Images.Access.READ_SHARED);
        } catch (IOException e) {
            throw new PeerException(Console.text(e), "Could not open backing image.");
        }
        try (image) {
            if (named == null) {
                console().error(fileName + ": Backing file specified without backing format");
                console().raw("Detected format of " + image.format().id() + ".");
                throw new VerbExit(1);
            }
            if (!options.isSet("size")) {
                options.set("size", Long.toString(image.sizeBytes()));
            }
        }
    }

    /** An encrypted backing file is only described: making an overlay needs no passphrase. */
    private static boolean takeSizeOfEncrypted(Images images, ImageName name, OptionSet options) throws IOException {
        if (name.driver() == null) {
            return false;
        }
        ImageDescription description = images.describe(name, true);
        Qcow2Description qcow2 = description.qcow2();
        long size = description.virtualSizeBytes();
        if (description.format() == ImageFormat.LUKS) {
            size = description.apparentSizeBytes()
                    - images.luksHeader(name, true).payloadOffset();
        } else if (qcow2 == null || qcow2.header().cryptMethod() == Header.CRYPT_NONE) {
            return false;
        }
        if (!options.isSet("size")) {
            options.set("size", Long.toString(size));
        }
        return true;
    }
}
