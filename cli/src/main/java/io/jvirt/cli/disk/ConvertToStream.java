// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageStreams;
import java.io.IOException;

/** {@code convert … -}: the image goes to standard output in one stream, without a temporary file. */
final class ConvertToStream {
    private final Console console;
    private final ConvertOptions given;
    private final StandardOutputChannel channel;

    ConvertToStream(Console console, ConvertOptions given) {
        this.console = console;
        this.given = given;
        this.channel = new StandardOutputChannel(console.data());
    }

    /** What cannot be said of a stream ends the verb. */
    static void check(Console console, ConvertOptions given) {
        if (given.targetExists) {
            throw console.fail("-n needs a target that can be opened; standard output cannot");
        }
        if (given.bitmaps) {
            throw new UnsupportedOperationException("bitmaps on standard output");
        }
        if (console.isTerminal()) {
            throw console.fail(
                    "An image is not written to a terminal", "Redirect standard output to a file or a pipe.");
        }
    }

    static void check(CreateRequest request) {
        if (request.preallocation() != Preallocation.OFF) {
            throw new UnsupportedOperationException("preallocation on standard output");
        }
        if (request.qcow2().dataFile() != null) {
            throw new UnsupportedOperationException("an external data file with standard output");
        }
    }

    /** False when the reader went away before the end. */
    boolean run(DiskImage source, CreateRequest request, CopySettings settings) throws IOException {
        try {
            if (request.format() == ImageFormat.QCOW2) {
                CompressionType type = request.qcow2().zstd() ? CompressionType.ZSTD : CompressionType.ZLIB;
                ImageStreams.toQcow2(source, channel, request.qcow2(), given.compress ? type : null, settings);
            } else {
                ImageStreams.toRaw(source, channel, settings);
            }
            return true;
        } catch (IOException e) {
            if (channel.readerGone()) {
                return false;
            }
            throw console.failed("", e);
        }
    }
}
