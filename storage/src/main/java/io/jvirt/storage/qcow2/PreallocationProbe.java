// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import java.io.IOException;

/**
 * Guesses whether an image was made with its metadata preallocated: more clusters have a refcount than the host has set
 * aside, by QEMU's measure (a ninth more, and at least two).
 */
final class PreallocationProbe {
    /** A guess is not worth more time than this takes. */
    private static final long MAX_EXAMINED = 1 << 24;

    private PreallocationProbe() {}

    static boolean isPreallocated(Tables tables) throws IOException {
        if (tables.externalData) {
            return false;
        }
        ClusterGeometry geometry = tables.geometry;
        long present = tables.file.allocatedBytes() >>> geometry.clusterBits();
        long cutoff = Math.max(present + present / 9, present + 2);
        long end = Math.min(MAX_EXAMINED, geometry.clustersFor(tables.file.sizeBytes()));
        if (end < cutoff) {
            return false;
        }
        long used = 0;
        tables.lock.lock();
        try {
            for (long cluster = 0; cluster < end && used < cutoff; cluster++) {
                used += tables.refcounts().get(cluster) == 0 ? 0 : 1;
            }
        } finally {
            tables.lock.unlock();
        }
        return used >= cutoff;
    }
}
