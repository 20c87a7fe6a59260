// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The L2 tables of an image, each once, and how often the active and all L1 tables name it. */
final class TableUses {
    private static final int MAX_TABLES = 1 << 22;

    final long[] offsets;
    final int[] active;
    final int[] all;

    private TableUses(long[] sorted, int count) {
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            distinct += i == 0 || (sorted[i] ^ sorted[i - 1]) >>> 1 != 0 ? 1 : 0;
        }
        active = new int[distinct];
        all = new int[distinct];
        // In place, as tables of the largest disks take memory enough.
        int last = -1;
        for (int i = 0; i < count; i++) {
            long offset = sorted[i] & -2;
            int named = (int) sorted[i] & 1;
            if (last < 0 || sorted[last] != offset) {
                sorted[++last] = offset;
            }
            all[last]++;
            active[last] += named;
        }
        offsets = distinct == sorted.length ? sorted : Arrays.copyOf(sorted, distinct);
    }

    /** Counts the clusters of all L1 tables and what they name; null where one is not sound, or there are too many. */
    static @Nullable TableUses collect(
            CheckContext context, SnapshotScan snapshots, ClusterCounts refcounts, ClusterCounts counts)
            throws IOException {
        long total = context.header.l1().entries();
        for (Snapshot snapshot : snapshots.snapshots) {
            int entries = snapshot.l1().entries();
            if (entries < 0 || entries > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
                return null;
            }
            total += entries;
        }
        if (total > MAX_TABLES) {
            // A hostile image; a thousand snapshots of a huge disk take the exact way.
            return null;
        }
        Collector collector = new Collector(context, refcounts, counts, new long[(int) total]);
        boolean sound = collector.collect(context.header.l1(), true);
        for (Snapshot snapshot : snapshots.snapshots) {
            sound = sound && collector.collect(snapshot.l1(), false);
        }
        if (!sound) {
            return null;
        }
        Arrays.sort(collector.found, 0, collector.count);
        return new TableUses(collector.found, collector.count);
    }

    /** Offsets as they come, marked by bit 0 where the active table names them. */
    private static final class Collector {
        private final CheckContext context;
        private final ClusterCounts refcounts;
        private final ClusterCounts counts;
        final long[] found;
        int count;

        Collector(CheckContext context, ClusterCounts refcounts, ClusterCounts counts, long[] found) {
            this.context = context;
            this.refcounts = refcounts;
            this.counts = counts;
            this.found = found;
        }

        boolean collect(TableLocation l1, boolean active) throws IOException {
            if (l1.entries() == 0) {
                return true;
            }
            ClusterGeometry geometry = context.geometry;
            long offset = l1.hostOffset();
            long lengthBytes = l1.entries() * (long) ClusterGeometry.TABLE_ENTRY_BYTES;
            if (offset <= 0 || !context.isWithin(offset, lengthBytes) || geometry.offsetInCluster(offset) != 0) {
                return false;
            }
            long last = (offset + lengthBytes - 1) >>> geometry.clusterBits();
            for (long cluster = offset >>> geometry.clusterBits(); cluster <= last; cluster++) {
                counts.add(cluster, 1);
            }
            return context.readTable(offset, l1.entries(), (index, entry) -> entry == 0 || add(entry, active));
        }

        private boolean add(long entry, boolean active) throws IOException {
            long l2Offset = L2Entry.hostOffset(entry);
            if ((entry & L2Entry.L1_RESERVED_MASK) != 0 || !context.isCluster(l2Offset)) {
                return false;
            }
            long cluster = l2Offset >>> context.geometry.clusterBits();
            if (active && (refcounts.getCapped(cluster) == 1) != L2Entry.isCopied(entry)) {
                return false;
            }
            counts.add(cluster, 1);
            found[count++] = l2Offset | (active ? 1 : 0);
            return true;
        }
    }
}
