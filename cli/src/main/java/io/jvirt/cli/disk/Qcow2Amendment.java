// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.ImageStructure;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import java.io.IOException;
import java.util.Objects;

/** What {@code amend} changes in a qcow2 image, in QEMU's order: an upgrade first, a downgrade last. */
final class Qcow2Amendment {
    private static final String NOT_EXPANDED = "Failed to turn zero into data clusters";

    private final Console console;
    private final KeySlotChange keySlots;

    Qcow2Amendment(Console console, KeySlotChange keySlots) {
        this.console = console;
        this.keySlots = keySlots;
    }

    /**
     * Amends what can be amended with the image open.
     *
     * @return the refcount width that the caller is to give the image once it is closed, before it calls again; 0 when
     *     everything is done
     */
    int run(Qcow2Image image, OptionSet options, ImageStructure.WorkProgress progress) throws IOException {
        Header header = image.header();
        int version = check(header, options);
        if (version > header.version()) {
            image.structure().upgrade();
        }
        if (options.isSet("refcount_bits")
                && options.getNumber("refcount_bits", 16) != header.geometry().refcountBits()) {
            if (version < 3 && options.getNumber("refcount_bits", 16) != 16) {
                throw new StorageException("Refcount widths other than 16 bits require compatibility level 1.1 or "
                        + "above (use compat=1.1 or greater)");
            }
            // The image is laid out by its width, so it is closed for that; what else is asked for comes afterwards.
            return (int) options.getNumber("refcount_bits", 16);
        }
        if (KeySlotChange.isWanted(options, "encrypt.")) {
            keySlots.run(image.structure().encryption(), options, "encrypt.");
        }
        if (options.isSet("data_file")) {
            String dataFile = options.get("data_file");
            image.structure()
                    .changeHeader(present -> dataFile == null || dataFile.isEmpty()
                            ? present.withoutExtension(HeaderExtension.DATA_FILE)
                            : present.withExtension(HeaderExtension.ofText(HeaderExtension.DATA_FILE, dataFile)));
        }
        if (options.isSet("data_file_raw") && header.features().isDataFileRaw() && !options.getBool("data_file_raw")) {
            image.structure()
                    .changeHeader(present ->
                            present.withFeatures(present.features().withAutoclear(Features.RAW_EXTERNAL_DATA, false)));
        }
        checkBacking(header, options);
        lazyRefcounts(image, options, version);
        if (options.isSet("size")) {
            image.resize(options.getSize("size", 0));
        }
        if (version < header.version()) {
            downgrade(image, progress);
        }
        return 0;
    }

    private void downgrade(Qcow2Image image, ImageStructure.WorkProgress progress) throws IOException {
        int bitmaps = image.bitmaps().list().size();
        try {
            image.structure().downgrade(progress);
        } catch (CorruptImageException e) {
            throw new StorageException(NOT_EXPANDED + ": " + CorruptImageException.reason(e), e.hint(), e);
        } catch (StorageException e) {
            console.damagedTable(e, NOT_EXPANDED);
            throw e;
        }
        if (bitmaps > 0) {
            console.warn("A version 2 image cannot hold persistent bitmaps: " + bitmaps + " removed");
        }
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
        if (KeySlotChange.isWanted(options, "encrypt.")) {
            if (header.cryptMethod() == Header.CRYPT_NONE) {
                throw new StorageException("Can't amend encryption options - encryption not present");
            }
            if (header.cryptMethod() != Header.CRYPT_LUKS) {
                throw new StorageException("Only LUKS encryption options can be amended");
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
        boolean same = Objects.equals(options.get("backing_file"), header.backingFile())
                && Objects.equals(options.get("backing_fmt"), header.backingFormat());
        if (given && !same) {
            throw new PeerException(
                    "Cannot amend the backing file", "You can use '" + console.program() + " rebase' instead.");
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
        image.structure()
                .changeHeader(present ->
                        present.withFeatures(present.features().withCompatible(Features.LAZY_REFCOUNTS, lazy)));
    }
}
