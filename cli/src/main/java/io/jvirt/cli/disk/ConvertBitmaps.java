// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
        if (!(source instanceof Qcow2Image qcow2) || qcow2.header().version() < 3) {
            throw console.fail("Source lacks bitmap support");
        }
        for (BitmapEntry bitmap : inconsistent(qcow2)) {
            if (!given.skipBrokenBitmaps) {
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

    /** Bitmaps of which nobody knows what they lack, in the order in which QEMU names them: the last one first. */
    private static List<BitmapEntry> inconsistent(Qcow2Image image) throws IOException {
        List<BitmapEntry> found = new ArrayList<>(image.bitmaps().list());
        found.removeIf(bitmap -> !bitmap.isInUse());
        Collections.reverse(found);
        return found;
    }

    void copy(DiskImage source, DiskImage target) throws IOException {
        if (!given.bitmaps || !(source instanceof Qcow2Image from)) {
            return;
        }
        if (!(target instanceof Qcow2Image to)) {
            throw console.fail("Format driver '" + target.format().id() + "' does not support bitmaps");
        }
        for (BitmapEntry bitmap : inconsistent(from)) {
            console.warn("Skipping inconsistent bitmap '" + bitmap.name() + "'");
        }
        for (BitmapEntry bitmap : from.bitmaps().list()) {
            if (bitmap.isInUse()) {
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
