// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import java.io.IOException;

/** The persistent dirty bitmaps that {@code convert --bitmaps} takes along. */
final class ConvertBitmaps {
    private final Console console;
    private final ConvertOptions given;

    ConvertBitmaps(Console console, ConvertOptions given) {
        this.console = console;
        this.given = given;
    }

    /** Refuses beforehand what cannot be copied. */
    void check(DiskImage source) throws IOException {
        if (!given.bitmaps) {
            return;
        }
        if (given.sources.size() > 1) {
            throw console.fail("Copying bitmaps only possible with single source");
        }
        if (!(source instanceof Qcow2Image qcow2)) {
            throw console.fail("Source lacks bitmap support");
        }
        for (BitmapEntry bitmap : qcow2.bitmaps().list()) {
            if (bitmap.isInUse() && !given.skipBrokenBitmaps) {
                console.error("Cannot copy inconsistent bitmap '" + bitmap.name() + "'");
                console.raw(
                        "Try --skip-broken-bitmaps, or use '" + console.program() + " bitmap --remove' to delete it\n");
                throw new VerbExit(1);
            }
        }
        if (!"qcow2".equals(given.targetFormat) && given.targetFormat != null) {
            throw console.fail("Format driver '" + given.targetFormat + "' does not support bitmaps");
        }
    }

    void copy(DiskImage source, DiskImage target) throws IOException {
        if (!given.bitmaps || !(source instanceof Qcow2Image from)) {
            return;
        }
        if (!(target instanceof Qcow2Image to)) {
            throw console.fail("Format driver '" + target.format().id() + "' does not support bitmaps");
        }
        for (BitmapEntry bitmap : from.bitmaps().list()) {
            if (bitmap.isInUse()) {
                console.warn("Skipping inconsistent bitmap '" + bitmap.name() + "'");
                continue;
            }
            try {
                to.bitmaps().add(bitmap.name(), 1L << bitmap.granularityBits(), true);
            } catch (IOException e) {
                throw console.failed("Failed to create bitmap " + bitmap.name() + ": ", e);
            }
            try {
                to.bitmaps().merge(bitmap.name(), from, bitmap.name());
                if (!bitmap.isAuto()) {
                    to.bitmaps().disable(bitmap.name());
                }
            } catch (IOException e) {
                throw console.failed("Failed to populate bitmap " + bitmap.name() + ": ", e);
            }
        }
    }
}
