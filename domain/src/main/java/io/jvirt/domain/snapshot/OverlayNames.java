// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Names for the overlays of one snapshot, beside the images that they lie on. Those of two disks may differ in their ending
 * alone (web.vda and web.vdb, web.raw and web.qcow2), and libvirt would put both disks into one overlay.
 */
final class OverlayNames {
    private final Set<Path> given = new HashSet<>();

    /**
     * A name that no other disk was given.
     *
     * @param suffix what tells it from the image
     * @param isTaken whether somebody else has the name
     */
    Path next(Path image, String suffix, Predicate<Path> isTaken) {
        String file = String.valueOf(image.getFileName());
        int dot = file.lastIndexOf('.');
        String base = (dot > 0 ? file.substring(0, dot) : file) + "." + suffix;
        Path path = image.resolveSibling(base + ".qcow2");
        for (int i = 2; isTaken.test(path) || !given.add(path); i++) {
            path = image.resolveSibling(base + "-" + i + ".qcow2");
        }
        return path;
    }
}
