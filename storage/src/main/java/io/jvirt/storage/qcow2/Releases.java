// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Host clusters that the tables in memory refer to no longer. Their refcounts go down, and they can be used anew, only
 * when the tables on disk no longer refer to them either: {@link Tables#flush} applies them after its sync. Guarded by
 * the image's table lock.
 */
final class Releases {
    /** So many clusters waiting are worth a flush. */
    private static final long FLUSH_CLUSTERS = 16384;

    private record Run(long firstCluster, long clusters, boolean punch) {}

    private final Tables tables;
    private List<Run> waiting = new ArrayList<>();
    private long waitingClusters;

    Releases(Tables tables) {
        this.tables = tables;
    }

    boolean areMany() {
        return waitingClusters >= FLUSH_CLUSTERS || waiting.size() >= FLUSH_CLUSTERS;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Data clusters; {@code punch} gives their space back to the host once nobody uses them. */
    void data(long hostOffset, long clusters, boolean punch) {
        add(hostOffset >>> tables.geometry.clusterBits(), clusters, punch);
    }

    /** The clusters that compressed data lies in, which it may share with other data. */
    void compressed(long hostOffset, int lengthBytes, boolean punch) {
        int bits = tables.geometry.clusterBits();
        long first = hostOffset >>> bits;
        add(first, ((hostOffset + lengthBytes - 1) >>> bits) - first + 1, punch);
    }

    /** Clusters of a table, which must not be written back any more. */
    void table(long hostOffset, long clusters) throws IOException {
        tables.forgetTables(hostOffset, clusters << tables.geometry.clusterBits());
        tables.metadata().remove(hostOffset >>> tables.geometry.clusterBits(), clusters);
        add(hostOffset >>> tables.geometry.clusterBits(), clusters, false);
    }

    private void add(long first, long clusters, boolean punch) {
        waitingClusters += clusters;
        if (!waiting.isEmpty()) {
            Run last = waiting.get(waiting.size() - 1);
            if (last.punch == punch && last.firstCluster + last.clusters == first) {
                waiting.set(waiting.size() - 1, new Run(last.firstCluster, last.clusters + clusters, punch));
                return;
            }
        }
        waiting.add(new Run(first, clusters, punch));
    }

    /** Called when the tables on disk are those in memory. */
    void apply() throws IOException {
        List<Run> runs = waiting;
        waiting = new ArrayList<>();
        waitingClusters = 0;
        for (Run run : runs) {
            tables.refcounts().add(run.firstCluster, run.clusters, -1);
            if (run.punch) {
                punch(run);
            }
        }
    }

    private void punch(Run run) throws IOException {
        int bits = tables.geometry.clusterBits();
        long end = run.firstCluster + run.clusters;
        long at = run.firstCluster;
        while (at < end) {
            long first = at;
            while (at < end && tables.refcounts().get(at) == 0) {
                at++;
            }
            if (at > first) {
                tables.file.punchHole(first << bits, (at - first) << bits);
            }
            while (at < end && tables.refcounts().get(at) != 0) {
                at++;
            }
        }
    }
}
