// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import java.io.IOException;

/** Compares the refcounts in the file with the references that were counted; lowers and raises them where that is asked for. */
final class RefcountComparison {
    private final CheckContext context;
    private final ClusterCounts counts;
    private final StoredRefcounts stored;
    private final WalkBudget budget;

    RefcountComparison(CheckContext context, ClusterCounts counts, StoredRefcounts stored, WalkBudget budget) {
        this.budget = budget;
        this.context = context;
        this.counts = counts;
        this.stored = stored;
    }

    void run(Repair repair) throws IOException {
        ClusterGeometry geometry = context.geometry;
        context.highestCluster = 0;
        long end = context.fileClusters;
        for (long cluster = 0; cluster < end; cluster++) {
            if (counts.pageOf(cluster) == null && stored.blockOffset(cluster) == 0) {
                // Nothing refers to these and no refcount block is there: on to where one of both may be.
                long nextPage = (cluster | (ClusterCounts.PAGE_CLUSTERS - 1)) + 1;
                long nextBlock = (cluster | (geometry.refcountBlockEntries() - 1)) + 1;
                cluster = Math.min(nextPage, nextBlock) - 1;
                continue;
            }
            if ((cluster & (geometry.refcountBlockEntries() - 1)) == 0) {
                budget.spend(geometry.refcountBlockEntries());
            }
            long refcount = stored.get(cluster);
            if (refcount == StoredRefcounts.UNREADABLE) {
                context.say("Can't get refcount for cluster " + cluster + ": Input/output error");
                context.checkErrors++;
                continue;
            }
            long references = counts.get(cluster);
            if (refcount > 0 || references > 0) {
                context.highestCluster = cluster;
            }
            if (refcount != references) {
                mismatch(cluster, refcount, references, repair);
            }
        }
    }

    private void mismatch(long cluster, long refcount, long references, Repair repair) throws IOException {
        boolean fix = false;
        if (refcount == 0) {
            // Such clusters could be given away again: the structure needs more than single numbers.
            context.rebuildNeeded = true;
        } else {
            fix = refcount > references ? repair.leaks() : repair.errors();
        }
        String word = fix ? "Repairing" : refcount < references ? "ERROR" : "Leaked";
        if (!context.isReportFull()) {
            context.say(
                    word + " cluster " + cluster + " refcount=" + stored.text(cluster) + " reference=" + references);
        }
        if (fix) {
            stored.set(cluster, references);
            if (refcount > references) {
                context.leaksFixed++;
            } else {
                context.corruptionsFixed++;
            }
        } else if (refcount < references) {
            context.corruptions++;
        } else {
            context.leaks++;
        }
    }
}
