// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Where the image's own tables lie, so that guest data is never written over them: in a corrupt or hostile image an L2
 * entry or a wrong refcount can lead there. Built at the first change; guarded by the table lock.
 */
final class MetadataClusters {
    /** Beyond so many tables the set would cost too much memory; header and top-level tables are still guarded. */
    private static final int MAX_TABLES = 1 << 18;

    private final Tables tables;
    private final NavigableSet<Long> clusters = new TreeSet<>();

    MetadataClusters(Tables tables) throws IOException {
        this.tables = tables;
        addEntries(tables.l1(), L2Entry.OFFSET_MASK);
        addEntries(tables.refcounts().table().entries(), -1L);
    }

    private void addEntries(long[] table, long mask) {
        for (long entry : table) {
            if ((entry & mask) != 0 && clusters.size() < MAX_TABLES) {
                add(entry & mask);
            }
        }
    }

    void add(long hostOffset) {
        clusters.add(hostOffset >>> tables.geometry.clusterBits());
    }

    void remove(long firstCluster, long count) {
        for (long cluster = firstCluster; cluster < firstCluster + count; cluster++) {
            clusters.remove(cluster);
        }
    }

    /** Refuses a write to these bytes where a table lies there, and marks the image as corrupt. */
    void check(long hostOffset, long lengthBytes) throws IOException {
        int bits = tables.geometry.clusterBits();
        Header header = tables.header();
        String what = null;
        if (hostOffset < tables.geometry.clusterBytes()) {
            what = "qcow2_header";
        } else if (overlaps(hostOffset, lengthBytes, header.l1(), header.l1().entries() * 8L)) {
            what = "active L1 table";
        } else if (overlaps(
                hostOffset,
                lengthBytes,
                header.refcountTable(),
                (long) header.refcountTable().entries() << bits)) {
            what = "refcount table";
        } else {
            Long cluster = clusters.ceiling(hostOffset >>> bits);
            what = cluster != null && cluster <= (hostOffset + lengthBytes - 1) >>> bits ? nameOf(cluster) : null;
        }
        if (what != null) {
            throw refuse(hostOffset, what);
        }
    }

    private String nameOf(long cluster) throws IOException {
        for (long block : tables.refcounts().table().entries()) {
            if (block >>> tables.geometry.clusterBits() == cluster) {
                return "refcount block";
            }
        }
        return "active L2 table";
    }

    private static boolean overlaps(long hostOffset, long lengthBytes, TableLocation table, long tableBytes) {
        return hostOffset < table.hostOffset() + tableBytes && table.hostOffset() < hostOffset + lengthBytes;
    }

    private CorruptImageException refuse(long hostOffset, String what) {
        return tables.damage.marked(new CorruptImageException(
                "Preventing invalid write on metadata (overlaps with " + what + ")",
                tables.file.name(),
                "data cluster",
                hostOffset,
                "a place of its own",
                "the place of the " + what));
    }
}
