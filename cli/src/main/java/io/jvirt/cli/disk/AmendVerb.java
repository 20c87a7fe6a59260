// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.LuksImage;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.check.RefcountWidth;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code amend}: changes format options of an existing image. */
final class AmendVerb extends Verb {
    private static final int FORCE = LONG + 10;
    private static final List<String> SLOT_OPTIONS =
            List.of("state", "keyslot", "old-secret", "new-secret", "iter-time");

    private @Nullable String optionText;
    private boolean force;
    private int nextWidth;
    private @Nullable Images images;
    private @Nullable ImageName opened;

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
        try (DiskImage image = images.open(operands.get(0), format, imageOpts, Images.Access.WRITE)) {
            if (OptionList.asksForHelp(optionText)) {
                return optionHelp(image.format().id());
            }
            this.images = images;
            opened = images.name(operands.get(0), format, imageOpts);
            amend(image, progress && !quiet);
        }
        if (nextWidth > 0) {
            changeWidth(opened, nextWidth);
            try (DiskImage image = images.open(operands.get(0), format, imageOpts, Images.Access.WRITE)) {
                amend(image, progress && !quiet);
            }
        }
        return 0;
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

    private void amend(DiskImage image, boolean progressShown) {
        String format = image.format().id();
        if (image.format() == ImageFormat.RAW) {
            throw console().fail("Format driver '" + format + "' does not support option amendment");
        }
        OptionSet options = parse(format);
        ProgressLine line = new ProgressLine(console(), progressShown, 1);
        try {
            if (image instanceof LuksImage luks) {
                amendKeySlots(luks.volume(), options, "");
            } else if (image instanceof Qcow2Image qcow2) {
                amend(qcow2, options);
            } else {
                throw new UnsupportedOperationException("amend of format '" + format + "'");
            }
            line.complete();
        } catch (IOException e) {
            line.complete();
            throw console().failed("", e);
        } finally {
            line.end();
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

    private void amend(Qcow2Image image, OptionSet options) throws IOException {
        Header header = image.header();
        int version = check(header, options);
        if (version > header.version()) {
            image.changeHeader(present -> withVersion(present, version));
        }
        if (options.isSet("refcount_bits")
                && options.getNumber("refcount_bits", 16) != header.geometry().refcountBits()) {
            if (version < 3 && options.getNumber("refcount_bits", 16) != 16) {
                throw new StorageException("Refcount widths other than 16 bits require compatibility level 1.1 or "
                        + "above (use compat=1.1 or greater)");
            }
            // The image is laid out by its width, so it is closed for that; what else is asked for comes afterwards.
            nextWidth = (int) options.getNumber("refcount_bits", 16);
            return;
        }
        for (String name : SLOT_OPTIONS) {
            if (options.isSet("encrypt." + name)) {
                amendKeySlots(image.encryption(), options, "encrypt.");
                break;
            }
        }
        if (options.isSet("data_file")) {
            String dataFile = options.get("data_file");
            image.changeHeader(present -> dataFile == null || dataFile.isEmpty()
                    ? present.withoutExtension(HeaderExtension.DATA_FILE)
                    : present.withExtension(HeaderExtension.ofText(HeaderExtension.DATA_FILE, dataFile)));
        }
        if (options.isSet("data_file_raw") && header.features().isDataFileRaw() && !options.getBool("data_file_raw")) {
            image.changeHeader(present ->
                    present.withFeatures(present.features().withAutoclear(Features.RAW_EXTERNAL_DATA, false)));
        }
        checkBacking(header, options);
        lazyRefcounts(image, options, version);
        if (options.isSet("size")) {
            image.resize(options.getSize("size", 0));
        }
        if (version < header.version()) {
            downgrade(image);
        }
    }

    /** Sets or erases key slots as {@code state} says; the rules and their words are QEMU's. */
    private void amendKeySlots(LuksVolume volume, OptionSet options, String prefix) throws IOException {
        String state = options.get(prefix + "state");
        if (state == null) {
            throw new StorageException("Parameter '" + prefix + "state' is missing");
        }
        byte[] newSecret = secret(options.get(prefix + "new-secret"));
        byte[] oldSecret = secret(options.get(prefix + "old-secret"));
        boolean slotGiven = options.isSet(prefix + "keyslot");
        int slot = slotGiven ? (int) Math.max(-2, Math.min(99, options.getNumber(prefix + "keyslot", 0))) : -1;
        boolean timeGiven = options.isSet(prefix + "iter-time");
        switch (state) {
            case "active" -> {
                refuse(newSecret == null, "'new-secret' is required to activate a keyslot");
                refuse(oldSecret != null, "'old-secret' must not be given when activating keyslots");
                byte[] present = presentSecret(prefix);
                if (newSecret != null) {
                    long time = timeGiven ? options.getNumber(prefix + "iter-time", 0) : 2000;
                    volume.addKeySlot(present, newSecret, slot, time, force);
                }
            }
            case "inactive" -> {
                refuse(newSecret != null, "'new-secret' must not be given when erasing keyslots");
                refuse(timeGiven, "'iter-time' must not be given when erasing keyslots");
                if (slotGiven && oldSecret != null) {
                    volume.eraseKeySlot(slot, oldSecret, force);
                } else if (slotGiven) {
                    volume.eraseKeySlot(slot, force);
                } else if (oldSecret != null) {
                    volume.eraseKeySlots(oldSecret, force);
                } else {
                    throw new StorageException("To erase keyslot(s), either explicit keyslot index or the password"
                            + " currently contained in them must be given");
                }
            }
            default ->
                throw new StorageException("Parameter '" + prefix + "state' does not accept value '" + state + "'");
        }
    }

    private static void refuse(boolean refused, String message) throws StorageException {
        if (refused) {
            throw new StorageException(message);
        }
    }

    private byte @Nullable [] secret(@Nullable String id) throws StorageException {
        return id == null || images == null ? null : images.secret(id);
    }

    /** The passphrase with which the image was opened. */
    private byte[] presentSecret(String prefix) throws StorageException {
        byte[] present = opened == null ? null : secret(opened.options().get(prefix + "key-secret"));
        if (present == null) {
            throw new StorageException("Parameter '" + prefix + "key-secret' is required for cipher");
        }
        return present;
    }

    /** Refuses values that do not do; returns the version that is wanted. */
    private static int check(Header header, OptionSet options) throws StorageException {
        int version = header.version();
        String compat = options.get("compat");
        if (compat != null) {
            version = switch (compat) {
                case "0.10", "v2" -> 2;
                case "1.1", "v3" -> 3;
                default -> throw new StorageException("Unknown compatibility level " + compat);
            };
        }
        for (String name : SLOT_OPTIONS) {
            if (options.isSet("encrypt." + name)) {
                if (header.cryptMethod() == Header.CRYPT_NONE) {
                    throw new StorageException("Can't amend encryption options - encryption not present");
                }
                if (header.cryptMethod() != Header.CRYPT_LUKS) {
                    throw new StorageException("Only LUKS encryption options can be amended");
                }
            }
        }
        if (options.isSet("refcount_bits")) {
            long bits = options.getNumber("refcount_bits", 16);
            if (bits < 1 || bits > 64 || Long.bitCount(bits) != 1) {
                throw new StorageException("Refcount width must be a power of two and may not exceed 64 bits");
            }
        }
        if (options.isSet("data_file") && !header.features().hasDataFile()) {
            throw new StorageException("data-file can only be set for images that use an external data file");
        }
        if (options.isSet("data_file_raw")
                && options.getBool("data_file_raw")
                && !header.features().isDataFileRaw()) {
            throw new StorageException("data-file-raw cannot be set on existing images");
        }
        return version;
    }

    private void checkBacking(Header header, OptionSet options) throws StorageException {
        boolean given = options.isSet("backing_file") || options.isSet("backing_fmt");
        boolean same = java.util.Objects.equals(options.get("backing_file"), header.backingFile())
                && java.util.Objects.equals(options.get("backing_fmt"), header.backingFormat());
        if (given && !same) {
            throw new PeerException(
                    "Cannot amend the backing file", "You can use '" + console().program() + " rebase' instead.");
        }
    }

    private static void lazyRefcounts(Qcow2Image image, OptionSet options, int version) throws IOException {
        if (!options.isSet("lazy_refcounts")) {
            return;
        }
        boolean lazy = options.getBool("lazy_refcounts");
        if (lazy == image.header().features().hasLazyRefcounts()) {
            return;
        }
        if (lazy && version < 3) {
            throw new StorageException("Lazy refcounts only supported with compatibility level 1.1 and above "
                    + "(use compat=1.1 or greater)");
        }
        image.changeHeader(
                present -> present.withFeatures(present.features().withCompatible(Features.LAZY_REFCOUNTS, lazy)));
    }

    private static Header withVersion(Header header, int version) {
        return header.withVersion(version, header.geometry(), version == 2 ? Features.NONE : header.features());
    }

    private static void downgrade(Qcow2Image image) throws IOException {
        Header header = image.header();
        if (header.geometry().refcountOrder() != ClusterGeometry.MAX_REFCOUNT_ORDER - 2) {
            throw new StorageException("compat=0.10 requires refcount_bits=16");
        }
        if (header.features().hasDataFile()) {
            throw new StorageException("Cannot downgrade an image with a data file");
        }
        long incompatible = header.features().incompatible() & ~Features.DIRTY;
        if ((incompatible & ~Features.COMPRESSION_TYPE) != 0) {
            throw new StorageException("Cannot downgrade an image with incompatible features 0x"
                    + Long.toHexString(incompatible & ~Features.COMPRESSION_TYPE) + " set");
        }
        if (incompatible != 0
                || header.snapshots().entries() > 0
                || header.extension(HeaderExtension.BITMAPS) != null) {
            throw new UnsupportedOperationException(
                    "amend -o compat=0.10 of an image with zstd compression, internal snapshots or bitmaps");
        }
        ZeroClusters.makeData(image);
        image.changeHeader(present -> withVersion(present, 2).withoutExtension(HeaderExtension.FEATURE_NAMES));
    }
}
