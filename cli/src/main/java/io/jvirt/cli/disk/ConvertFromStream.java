// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageDigest;
import io.jvirt.storage.copy.StreamSource;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.util.Arrays;

/** {@code convert - …}: raw bytes from standard input, whose number is known when they end, into an image. */
final class ConvertFromStream {
    private static final byte[] QCOW2_MAGIC = {'Q', 'F', 'I', (byte) 0xfb};
    /** A table of mappings must be there already when the image begins to grow. */
    private static final int FIRST_BYTES = 512;

    private static final int READ_BYTES = 1 << 16;

    private final Console console;
    private final ConvertOptions given;
    private final CopySettings settings;
    private final PushbackInputStream input;

    ConvertFromStream(Console console, ConvertOptions given, CopySettings settings) {
        this.console = console;
        this.given = given;
        this.settings = settings;
        this.input = new PushbackInputStream(System.in, READ_BYTES);
    }

    /** What goes with a source that can be opened and not with a stream ends the verb. */
    static void check(Console console, ConvertOptions given) {
        refuse(console, given.target.equals("-"), "Standard input and standard output cannot both be images");
        refuse(console, given.sources.size() > 1, "Standard input can only be the one source");
        refuse(
                console,
                given.sourceFormat != null && !given.sourceFormat.equals("raw"),
                "Standard input can only be read as format 'raw'");
        refuse(console, given.snapshot != null, "Standard input has no snapshots");
        refuse(console, given.bitmaps, "Source lacks bitmap support");
        refuse(console, given.backingFile != null, "Standard input cannot be compared with a backing file");
    }

    private static void refuse(Console console, boolean refused, String message) {
        if (refused) {
            throw console.fail(message);
        }
    }

    /** Bytes that look like an image of another format are mostly a mistake. */
    void checkContent() throws IOException {
        byte[] start = input.readNBytes(QCOW2_MAGIC.length);
        if (given.sourceFormat == null && Arrays.equals(start, QCOW2_MAGIC)) {
            throw console.fail(
                    "Standard input holds a qcow2 image, and only raw bytes can be read from there",
                    "Give the image as a file, or '-f raw' to take its bytes as they are.");
        }
        input.unread(start);
    }

    void intoExisting(DiskImage target) throws IOException {
        if (given.compress && target.format() != ImageFormat.QCOW2) {
            throw console.fail("Compression not supported for this file format");
        }
        fill(target, false);
    }

    void intoNew(CreateRequest request) throws IOException {
        if (request.preallocation() != Preallocation.OFF) {
            throw new UnsupportedOperationException("preallocation with standard input as source");
        }
        if (request.qcow2().dataFile() != null) {
            throw new UnsupportedOperationException("an external data file with standard input as source");
        }
        if (Files.exists(request.file()) && !Files.isRegularFile(request.file())) {
            throw console.fail(
                    "'" + given.target + "' is no regular file, and the size of what comes is not known",
                    "Use -n to write into it as it is.");
        }
        try (FreshFile fresh = FreshFile.beside(request.file())) {
            if (request.format() == ImageFormat.QCOW2) {
                Qcow2Creator.create(fresh.file(), null, request.qcow2(), FIRST_BYTES, Preallocation.OFF);
                OpenRequest open = OpenRequest.of(fresh.file().path())
                        .withFormat(ImageFormat.QCOW2)
                        .withoutBacking()
                        .writable();
                try (DiskImage target = DiskImages.open(open)) {
                    fill(target, true);
                }
            } else {
                fill(new RawImage(fresh.file()), true);
            }
            fresh.commit(given.durable());
        }
    }

    private void fill(DiskImage target, boolean grows) throws IOException {
        new StreamSource(input, settings).copyTo(target, grows);
        if (given.durable()) {
            target.flush();
        }
        if (given.digest) {
            console.println(ImageDigest.of(target, settings.threads(), (done, total) -> {}) + "  " + given.target);
        }
    }
}
