// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;

/**
 * Changes how many bits a refcount has. The new structures are written behind the end of the file and synced before one
 * write of the header puts width and place in force; the old ones are freed afterwards.
 */
public final class RefcountWidth {
    private RefcountWidth() {}

    /**
     * Changes a version 3 image that nobody else has open; {@code bits} is 1 to 64, a power of two. An image with wrong
     * refcounts keeps them as they are: a wider refcount may be what its repair needs.
     */
    public static void change(ByteStore store, int bits) throws IOException {
        CheckResult state = Qcow2Check.run(store, Repair.NONE, finding -> {});
        if (state.failure() != null || state.checkErrors() > 0) {
            throw new StorageException(
                    "'" + store.name() + "' cannot be read whole, so its refcounts cannot be written anew",
                    "repair it with check -r all");
        }
        Header header = HeaderReader.read(store);
        ClusterGeometry present = header.geometry();
        CheckContext context = new CheckContext(store, header, Repair.NONE, finding -> {});
        ClusterCounts counts = state.corruptions() > 0 ? stored(context) : count(context);
        ClusterGeometry wanted =
                new ClusterGeometry(present.clusterBits(), Integer.numberOfTrailingZeros(bits), present.extendedL2());
        for (long cluster = 0; cluster <= counts.highest(); cluster++) {
            if (counts.pageOf(cluster) == null) {
                cluster |= ClusterCounts.PAGE_CLUSTERS - 1;
            } else if (counts.get(cluster) > wanted.maxRefcount()) {
                throw new StorageException("Cannot decrease refcount entry width to " + bits
                        + " bits: Cluster at offset " + CheckContext.hexAlternate(cluster << present.clusterBits())
                        + " has a refcount of " + counts.get(cluster));
            }
        }
        Header changed = header.withVersion(header.version(), wanted, header.features());
        new RefcountRebuild(new CheckContext(store, changed, Repair.NONE, finding -> {}), counts).run();
        Qcow2Check.run(store, Repair.LEAKS, finding -> {});
    }

    private static ClusterCounts stored(CheckContext context) throws IOException {
        ClusterCounts counts = new WalkBudget(context).counts();
        StoredRefcounts stored = new StoredRefcounts(context);
        int blockEntries = context.geometry.refcountBlockEntries();
        for (int index = 0; index < stored.tableEntries(); index++) {
            long first = (long) index << context.geometry.refcountBlockBits();
            if (stored.blockOffset(first) == 0) {
                continue;
            }
            for (long cluster = first; cluster < first + blockEntries; cluster++) {
                long count = stored.get(cluster);
                if (count == StoredRefcounts.UNREADABLE) {
                    throw new StorageException(
                            "'" + context.store.name() + "' has a refcount block that cannot be read",
                            "repair it with check -r all");
                }
                if (count != 0) {
                    counts.set(cluster, count);
                }
            }
        }
        return counts;
    }

    private static ClusterCounts count(CheckContext context) throws IOException {
        WalkBudget budget = new WalkBudget(context);
        ClusterCounts counts = budget.counts();
        ReferenceCount references = new ReferenceCount(context, counts, SnapshotScan.read(context), budget);
        references.countContent();
        references.countRefcountTable();
        references.countBitmaps();
        references.checkRefcountBlocks(new StoredRefcounts(context), false);
        return counts;
    }
}
