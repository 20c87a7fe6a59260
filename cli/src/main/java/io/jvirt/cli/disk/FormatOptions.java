// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.cli.disk.OptionSpec.Type;
import java.util.ArrayList;
import java.util.List;

/** The options that {@code create}, {@code convert}, {@code measure} and {@code amend} take for each format, in the order in which they are shown. */
final class FormatOptions {
    private static final OptionSpec SIZE = new OptionSpec("size", Type.SIZE, "Virtual disk size");

    private FormatOptions() {}

    /** True for a format that the engine can create, or that QEMU knows by this name as a kind of file. */
    static boolean canCreate(String format) {
        return switch (format) {
            case "qcow2", "raw", "luks", "file", "host_device", "nbd" -> true;
            default -> false;
        };
    }

    /** The options of a format alone. */
    static List<OptionSpec> format(String format) {
        List<OptionSpec> specs = new ArrayList<>();
        switch (format) {
            case "qcow2" -> qcow2(specs);
            case "luks" -> {
                specs.add(SIZE);
                luks(specs, "", "ID of the secret that provides the keyslot passphrase");
            }
            default -> {}
        }
        return specs;
    }

    /** The options of a format and of the file that holds it; a name of both is the format's. */
    static List<OptionSpec> create(String format, String fileName) {
        List<OptionSpec> specs = format(format);
        if (fileName.startsWith("nbd:") || fileName.startsWith("nbd+unix:") || isDevice(fileName)) {
            addMissing(specs, List.of(SIZE, preallocation("off")));
        } else {
            addMissing(specs, file());
        }
        return specs;
    }

    /** The options of a format whose file is not named yet. */
    static List<OptionSpec> createUnnamed(String format) {
        return switch (format) {
            case "nbd", "host_device" -> List.of(SIZE, preallocation("off"));
            case "file" -> file();
            case "raw" -> List.of(SIZE);
            default -> format(format);
        };
    }

    private static boolean isDevice(String fileName) {
        return fileName.startsWith("/dev/")
                && java.nio.file.Files.exists(java.nio.file.Path.of(fileName))
                && !java.nio.file.Files.isRegularFile(java.nio.file.Path.of(fileName));
    }

    static List<OptionSpec> amend(String format) {
        List<OptionSpec> specs = new ArrayList<>();
        switch (format) {
            case "qcow2" -> {
                keySlots(specs, "encrypt.");
                common(specs);
            }
            case "luks" -> keySlots(specs, "");
            default -> {}
        }
        return specs;
    }

    /** The options of {@code amend} and those that only {@code create} takes. */
    static List<OptionSpec> amendOrCreate(String format) {
        List<OptionSpec> specs = amend(format);
        addMissing(specs, format(format));
        return specs;
    }

    private static void addMissing(List<OptionSpec> specs, List<OptionSpec> more) {
        for (OptionSpec spec : more) {
            boolean known = false;
            for (OptionSpec have : specs) {
                known |= have.name().equals(spec.name());
            }
            if (!known) {
                specs.add(spec);
            }
        }
    }

    private static List<OptionSpec> file() {
        return List.of(
                SIZE,
                new OptionSpec("nocow", Type.BOOL, "Turn off copy-on-write (valid only on btrfs)"),
                preallocation("off, falloc, full"),
                new OptionSpec("extent_size_hint", Type.SIZE, "Extent size hint for the image file, 0 to disable"));
    }

    private static OptionSpec preallocation(String modes) {
        return new OptionSpec("preallocation", Type.STRING, "Preallocation mode (allowed values: " + modes + ")");
    }

    private static void qcow2(List<OptionSpec> specs) {
        specs.add(new OptionSpec(
                "encryption",
                Type.BOOL,
                "Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)"));
        specs.add(new OptionSpec("encrypt.format", Type.STRING, "Encrypt the image, format choices: 'aes', 'luks'"));
        luks(specs, "encrypt.", "ID of secret providing qcow AES key or LUKS passphrase");
        specs.add(new OptionSpec("cluster_size", Type.SIZE, "qcow2 cluster size", "65536"));
        specs.add(new OptionSpec("extended_l2", Type.BOOL, "Extended L2 tables", "off"));
        specs.add(preallocation("off, metadata, falloc, full"));
        specs.add(new OptionSpec(
                "compression_type", Type.STRING, "Compression method used for image cluster compression", "zlib"));
        common(specs);
    }

    private static void common(List<OptionSpec> specs) {
        specs.add(SIZE);
        specs.add(new OptionSpec("compat", Type.STRING, "Compatibility level (v2 [0.10] or v3 [1.1])"));
        specs.add(new OptionSpec("backing_file", Type.STRING, "File name of a base image"));
        specs.add(new OptionSpec("backing_fmt", Type.STRING, "Image format of the base image"));
        specs.add(new OptionSpec("data_file", Type.STRING, "File name of an external data file"));
        specs.add(new OptionSpec("data_file_raw", Type.BOOL, "The external data file must stay valid as a raw image"));
        specs.add(new OptionSpec("lazy_refcounts", Type.BOOL, "Postpone refcount updates", "off"));
        specs.add(new OptionSpec("refcount_bits", Type.NUMBER, "Width of a reference count entry in bits", "16"));
    }

    private static void luks(List<OptionSpec> specs, String prefix, String secretHelp) {
        specs.add(new OptionSpec(prefix + "key-secret", Type.STRING, secretHelp));
        specs.add(new OptionSpec(prefix + "cipher-alg", Type.STRING, "Name of encryption cipher algorithm"));
        specs.add(new OptionSpec(prefix + "cipher-mode", Type.STRING, "Name of encryption cipher mode"));
        specs.add(new OptionSpec(prefix + "ivgen-alg", Type.STRING, "Name of IV generator algorithm"));
        specs.add(new OptionSpec(prefix + "ivgen-hash-alg", Type.STRING, "Name of IV generator hash algorithm"));
        specs.add(new OptionSpec(prefix + "hash-alg", Type.STRING, "Name of encryption hash algorithm"));
        specs.add(new OptionSpec(prefix + "iter-time", Type.NUMBER, "Time to spend in PBKDF in milliseconds"));
    }

    private static void keySlots(List<OptionSpec> specs, String prefix) {
        specs.add(new OptionSpec(
                prefix + "state", Type.STRING, "Select new state of affected keyslots (active/inactive)"));
        specs.add(new OptionSpec(prefix + "keyslot", Type.NUMBER, "Select a single keyslot to modify explicitly"));
        specs.add(new OptionSpec(prefix + "old-secret", Type.STRING, "Select all keyslots that match this password"));
        specs.add(new OptionSpec(
                prefix + "new-secret",
                Type.STRING,
                "New secret to set in the matching keyslots. Empty string to erase"));
        specs.add(new OptionSpec(prefix + "iter-time", Type.NUMBER, "Time to spend in PBKDF in milliseconds"));
    }
}
