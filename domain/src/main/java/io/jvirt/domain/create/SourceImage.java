// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Qcow2Description;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The image that a machine's disk starts from. It may come from anywhere, so it must be whole by itself: one that names
 * another file of this host could hand that file to the guest.
 */
final class SourceImage {
    private SourceImage() {}

    static ImageDescription describe(Path file) throws IOException {
        ImageDescription found = read(file);
        Qcow2Description qcow2 = found.qcow2();
        if (qcow2 == null) {
            return found;
        }
        String backing = qcow2.header().backingFile();
        if (backing != null) {
            throw namesAnother(file, "backing file '" + backing + "'");
        }
        if (qcow2.header().features().hasDataFile()) {
            throw namesAnother(file, "external data file '" + qcow2.header().dataFile() + "'");
        }
        return found;
    }

    private static ImageDescription read(Path file) throws IOException {
        try {
            return DiskImages.describe(OpenRequest.of(file));
        } catch (StorageException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "the image " + file + " cannot be used: " + e.getMessage(),
                    e.hint() == null ? "look at it: jvirt disk check " + file : e.hint(),
                    e);
        }
    }

    private static JvirtException namesAnother(Path file, String other) {
        return JvirtException.refused(
                "the image " + file + " names a " + other + ", and only an image that is whole by itself is taken",
                "if you trust it, make it whole first: jvirt disk convert -O qcow2 " + file + " whole.qcow2");
    }
}
