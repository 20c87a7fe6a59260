// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;

/** Counts the references to each host cluster, no higher than the image's refcounts can. */
final class ReferenceCounter {
    private final CheckContext context;
    private final ClusterGeometry geometry;
    private final ClusterCounts counts;

    ReferenceCounter(CheckContext context, ClusterCounts counts) {
        this.context = context;
        this.geometry = context.geometry;
        this.counts = counts;
    }

    ClusterCounts counts() {
        return counts;
    }

    /** Counts one reference to each cluster that the range touches. The last cluster of a file may be cut short. */
    void add(long offset, long lengthBytes) throws StorageException {
        if (lengthBytes <= 0) {
            return;
        }
        if (offset + lengthBytes - context.fileBytes >= geometry.clusterBytes() || offset + lengthBytes < 0) {
            context.corrupt(
                    () -> "ERROR: counting reference for region exceeding the end of the file by one cluster or more:"
                            + " offset " + CheckContext.hex0x(offset) + " size " + CheckContext.hex0x(lengthBytes));
            return;
        }
        long last = (offset + lengthBytes - 1) >>> geometry.clusterBits();
        for (long cluster = offset >>> geometry.clusterBits(); cluster <= last; cluster++) {
            if (cluster >= context.fileClusters) {
                context.fileClusters = cluster + 1;
            }
            if (counts.get(cluster) >= geometry.maxRefcount()) {
                if (context.isReportFull()) {
                    context.corruptions++;
                    continue;
                }
                context.corrupt(
                        "ERROR: overflow cluster offset=" + CheckContext.hex0x(cluster << geometry.clusterBits()));
                context.say("Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a"
                        + " clean copy if the image cannot be opened for writing");
                continue;
            }
            counts.add(cluster, 1);
        }
    }
}
