// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes, applies or deletes a snapshot in one stroke. Which clusters are shared changes then, and with it counts and copied
 * flags that lie far apart; a power cut between them would leave flags that do not fit the counts. So all that changes is
 * written beside what is there (L1 table, L2 tables whose flags change, refcount blocks and their table, snapshot table),
 * and one write of the header's first sector names all of it. Before and after, the image is sound.
 */
final class TableSwitch {
    private final Tables tables;
    private final ClusterGeometry geometry;
    private final ReferenceSweep sweep;
    private final List<long[]> dropped = new ArrayList<>();
    private Header header;
    private @Nullable List<Snapshot> snapshots;

    private TableSwitch(Tables tables) {
        this.tables = tables;
        geometry = tables.geometry;
        sweep = new ReferenceSweep(tables);
        header = tables.header();
    }

    /** What happens to references and tables; {@link #run} has the counts be rewritten around it. */
    @FunctionalInterface
    interface Step {
        /** Answers the new L1 table of the disk, whose flags do not matter. */
        long[] change(TableSwitch to) throws IOException;
    }

    /** Runs with the image to itself. An error leaves the image as it was. */
    static void run(Tables tables, Step step) throws IOException {
        do {
            tables.flush();
        } while (tables.refcounts().areBlocksDirty() || !tables.releases.isEmpty());
        TableSwitch to = new TableSwitch(tables);
        RefcountRewrite counts = tables.refcounts().beginRewrite();
        boolean done = false;
        try {
            long[] l1 = step.change(to);
            to.sweep.flag(l1);
            to.header = to.header.withL1(to.write(l1));
            counts.place();
            to.writeSnapshots();
            counts.finish();
            to.header = to.header.withRefcountTable(tables.refcounts().table().location());
            tables.switchAll(to.header, l1);
            done = true;
        } finally {
            if (!done) {
                tables.forgetCounts();
            }
        }
        to.giveBack();
    }

    void addReferences(long[] l1) throws IOException {
        sweep.addReferences(l1);
    }

    void dropReferences(long[] l1) throws IOException {
        sweep.dropReferences(l1);
        dropped.add(l1);
    }

    /** A table that is named no more. */
    void drop(TableLocation table, long lengthBytes) throws IOException {
        if (table.hostOffset() != 0 && lengthBytes > 0) {
            tables.refcounts()
                    .add(table.hostOffset() >>> geometry.clusterBits(), geometry.clustersFor(lengthBytes), -1);
        }
    }

    void resize(long virtualSizeBytes) {
        header = header.withVirtualSize(virtualSizeBytes);
    }

    /** @param previousBytes the length of the snapshot table that is there */
    void setSnapshots(List<Snapshot> all, long previousBytes) throws IOException {
        drop(header.snapshots(), previousBytes);
        snapshots = all;
    }

    /** Last of all, where QEMU has it too. */
    private void writeSnapshots() throws IOException {
        List<Snapshot> all = snapshots;
        if (all == null) {
            return;
        }
        header = header.withSnapshots(Snapshots.place(tables, all));
    }

    private TableLocation write(long[] l1) throws IOException {
        if (l1.length == 0) {
            return TableLocation.NONE;
        }
        long clusters = geometry.clustersFor(l1.length * 8L);
        long hostOffset = tables.refcounts().allocateTable(clusters);
        tables.file.write(hostOffset, ByteBuffer.allocate((int) (clusters << geometry.clusterBits())));
        L1Table.writeEntries(tables.file, hostOffset, l1, 0, l1.length - 1);
        return new TableLocation(hostOffset, l1.length);
    }

    /** Of the dropped tables nothing has been overwritten yet: they tell what nobody uses any more, however much it is. */
    private void giveBack() throws IOException {
        for (long[] l1 : dropped) {
            sweep.punchUnused(l1);
        }
    }
}
