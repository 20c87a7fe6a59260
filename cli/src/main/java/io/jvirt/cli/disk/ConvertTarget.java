// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a conversion's new target is to be: its creation options as given, checked against each other. */
final class ConvertTarget {
    private final Console console;
    private final Secrets secrets;
    private final ConvertOptions given;

    ConvertTarget(Console console, Secrets secrets, ConvertOptions given) {
        this.console = console;
        this.secrets = secrets;
        this.given = given;
    }

    OptionSet options(String format, long sizeBytes) throws IOException {
        OptionSet options = NewImage.optionsFor(console, format, given.target, "");
        try {
            if (given.optionText != null) {
                options.parse(given.optionText);
            }
        } catch (StorageException e) {
            throw console.failed("", e);
        }
        setOptions(options, format, sizeBytes);
        checkBacking(options, options.get("backing_file"));
        checkCompression(options, format);
        return options;
    }

    static boolean isEncrypted(OptionSet options, String format) throws StorageException {
        return format.equals("luks")
                || (options.knows("encrypt.format")
                        && (options.isSet("encrypt.format") || options.getBool("encryption")));
    }

    CreateRequest request(String format, OptionSet options, long sizeBytes) {
        try {
            return new NewImage(given.target, format, options, secrets).request(sizeBytes);
        } catch (IOException e) {
            throw console.failed(given.target + ": error while converting " + format + ": ", e);
        }
    }

    private void setOptions(OptionSet options, String format, long sizeBytes) throws StorageException {
        if (options.knows("size")) {
            options.set("size", Long.toString(sizeBytes));
        }
        if (given.backingFile != null) {
            if (!options.knows("backing_file")) {
                throw console.fail("Backing file not supported for file format '" + format + "'");
            }
            options.set("backing_file", given.backingFile);
        }
        if (given.backingFormat != null) {
            if (!options.knows("backing_fmt")) {
                throw console.fail("Backing file format not supported for file format '" + format + "'");
            }
            options.set("backing_fmt", given.backingFormat);
        }
    }

    private void checkBacking(OptionSet options, @Nullable String backing) {
        if (backing == null) {
            return;
        }
        if (given.sources.size() > 1) {
            throw console.fail(
                    "Having a backing file for the target makes no sense when concatenating multiple input images");
        }
        if (!options.isSet("backing_fmt")) {
            throw console.fail("Use of backing file requires explicit backing format");
        }
    }

    private void checkCompression(OptionSet options, String format) throws StorageException {
        if (!given.compress) {
            return;
        }
        if (!format.equals("qcow2")) {
            throw console.fail("Compression not supported for this file format");
        }
        if (options.getBool("encryption") || options.isSet("encrypt.format")) {
            throw console.fail("Compression and encryption not supported at the same time");
        }
        String preallocation = options.get("preallocation");
        if (preallocation != null && !preallocation.equals("off")) {
            throw console.fail("Compression and preallocation not supported at the same time");
        }
    }
}
