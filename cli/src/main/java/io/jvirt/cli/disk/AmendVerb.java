// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.LuksImage;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.check.RefcountWidth;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code amend}: changes format options of an existing image. */
final class AmendVerb extends Verb {
    private static final int FORCE = LONG + 10;

    private @Nullable String optionText;
    private boolean force;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        String cache = "writeback";
        boolean quiet = false;
        boolean progress = false;
        boolean imageOpts = false;
        GetOpt options = new GetOpt(
                args, "ho:f:t:pq", HELP_OPTION, OBJECT_OPTION, IMAGE_OPTS_OPTION, GetOpt.flag("force", FORCE));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'o' -> optionText = OptionList.append(console(), optionText, options.argument());
                case 'f' -> format = options.argument();
                case 't' -> cache = options.argument();
                case 'p' -> progress = true;
                case 'q' -> quiet = true;
                case IMAGE_OPTS -> imageOpts = true;
                case FORCE -> force = true;
                default -> {}
            }
        }
        if (optionText == null) {
            throw console().usage("Must specify options (-o)");
        }
        if (format != null && OptionList.asksForHelp(optionText)) {
            return optionHelp(format);
        }
        List<String> operands = options.operands();
        if (operands.size() != 1) {
            throw console().fail("Expecting one image file name");
        }
        CacheMode.check(console(), cache, "cache");
        Images images = new Images(console(), secrets());
        images.allowBeside(operands.get(0));
        ImageName name = images.name(operands.get(0), format, imageOpts);
        int width = amend(images, name, progress && !quiet);
        if (width > 0) {
            changeWidth(name, width);
            amend(images, name, progress && !quiet);
        }
        return 0;
    }

    private int amend(Images images, ImageName name, boolean progressShown) throws IOException {
        try (DiskImage image = images.open(name, Images.Access.WRITE)) {
            if (OptionList.asksForHelp(String.valueOf(optionText))) {
                return optionHelp(image.format().id());
            }
            return amend(image, new KeySlotChange(images, name, force), progressShown);
        }
    }

    private void changeWidth(ImageName name, int bits) {
        try (HostFile store = HostFile.open(Path.of(name.file()), false)) {
            store.lock(LockRequest.WRITE_FORMAT);
            RefcountWidth.change(store, bits);
        } catch (IOException e) {
            throw console().failed("", e);
        }
    }

    private int optionHelp(String format) {
        if (!NewImage.isKnownDriver(format)) {
            throw console().fail("Unknown file format '" + format + "'");
        }
        if (FormatOptions.amend(format).isEmpty()) {
            throw console().fail("Format driver '" + format + "' does not support option amendment");
        }
        console().println("Amend options for '" + format + "':");
        console().print(OptionSet.help(FormatOptions.amend(format)));
        return 0;
    }

    private int amend(DiskImage image, KeySlotChange keySlots, boolean progressShown) {
        String format = image.format().id();
        if (image.format() == ImageFormat.RAW) {
            throw console().fail("Format driver '" + format + "' does not support option amendment");
        }
        OptionSet options = parse(format);
        ProgressLine line = new ProgressLine(console(), progressShown, 0);
        int width = 0;
        try {
            if (image instanceof LuksImage luks) {
                refuseReaders(luks.container());
                keySlots.run(luks.keySlots(), options, "");
            } else if (image instanceof Qcow2Image qcow2) {
                width = new Qcow2Amendment(console(), keySlots).run(qcow2, options, line::step);
            } else {
                throw new UnsupportedOperationException("amend of format '" + format + "'");
            }
            line.complete();
            return width;
        } catch (IOException e) {
            line.complete();
            throw console().failed("", e);
        } finally {
            line.end();
        }
    }

    /** Who has a LUKS volume open has its key slots in memory, and would write or trust what they were. */
    private static void refuseReaders(DiskImage container) throws IOException {
        if (container instanceof RawImage raw && raw.store() instanceof HostFile file) {
            file.refuseReaders();
        }
    }

    private OptionSet parse(String format) {
        OptionSet options = new OptionSet(FormatOptions.amend(format));
        try {
            options.parse(String.valueOf(optionText));
        } catch (StorageException e) {
            console().error(Console.text(e));
            if (isCreateOption(format)) {
                console().raw("This option is only supported for image creation\n");
            } else if (e.hint() != null) {
                console().raw(e.hint() + "\n");
            }
            throw new VerbExit(1);
        }
        return options;
    }

    private boolean isCreateOption(String format) {
        try {
            OptionSet both = new OptionSet(FormatOptions.amendOrCreate(format));
            both.parse(String.valueOf(optionText));
            return true;
        } catch (StorageException e) {
            return false;
        }
    }
}
