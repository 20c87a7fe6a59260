// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Snapshots;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The snapshot table: its length, and entries that lack what version 3 asks for or have too much. */
final class SnapshotScan {
    /** VM state size, virtual size: what each entry of a version 3 image has at least. */
    private static final int REQUIRED_EXTRA_BYTES = 16;

    static final String TOO_LARGE = "snapshot table too large";

    private static final long COUNT_OFFSET = 60;

    final List<Snapshot> snapshots;
    final long tableBytes;
    /** Whether entries lack something or have too much, which takes a new table. */
    final boolean needsRewrite;

    private SnapshotScan(Snapshot.Table table, boolean needsRewrite) {
        this.snapshots = table.snapshots();
        this.tableBytes = table.lengthBytes();
        this.needsRewrite = needsRewrite;
    }

    static SnapshotScan read(CheckContext context) throws IOException {
        Header header = context.header;
        int tooMany = header.snapshots().entries() - Header.MAX_SNAPSHOTS;
        if (tooMany > 0) {
            if (!context.repair.errors()) {
                throw new StorageException(
                        TOO_LARGE,
                        "You can force-remove all " + tooMany + " overhanging snapshots with qemu-img check -r all");
            }
            context.say("Discarding " + tooMany + " overhanging snapshots");
            context.corruptions += tooMany;
            header = header.withSnapshots(new TableLocation(header.snapshots().hostOffset(), Header.MAX_SNAPSHOTS));
        }
        Snapshot.Table table = Snapshot.readTable(context.store, header, context.repair.errors());
        boolean needsRewrite = false;
        for (int i = 0; i < table.extraBytes().size(); i++) {
            long extra = table.extraBytes().get(i);
            if (extra > Snapshot.MAX_EXTRA_BYTES) {
                needsRewrite = true;
                context.corrupt("Discarding too much extra metadata in snapshot table entry " + i + " (" + extra + " > "
                        + Snapshot.MAX_EXTRA_BYTES + ")");
            }
        }
        if (table.overhanging() > 0) {
            context.say("Discarding " + table.overhanging() + " overhanging snapshots (snapshot table is too big)");
            context.corruptions += table.overhanging();
        }
        for (int i = 0; i < table.snapshots().size(); i++) {
            if (context.header.version() >= 3 && table.extraBytes().get(i) < REQUIRED_EXTRA_BYTES) {
                needsRewrite = true;
                context.corrupt(context.repairingOrError() + " snapshot table entry " + i + " is incomplete");
            }
        }
        if (context.repair.errors()
                && !needsRewrite
                && table.snapshots().size() < context.header.snapshots().entries()) {
            shorten(context, table.snapshots().size());
        }
        return new SnapshotScan(table, needsRewrite);
    }

    /** Before anything is freed that only the entries at the end name. The table itself may stay where it is. */
    private static void shorten(CheckContext context, int count) throws IOException {
        Header header = context.header;
        context.store.write(COUNT_OFFSET, ByteBuffer.allocate(4).putInt(count).flip());
        context.store.sync();
        context.header = header.withSnapshots(
                count == 0
                        ? TableLocation.NONE
                        : new TableLocation(header.snapshots().hostOffset(), count));
    }

    /** Writes the table anew, with all that each entry should have; the refcounts must be right already. */
    void rewrite(CheckContext context) throws IOException {
        Header header = HeaderReader.readForRepair(context.store);
        Snapshots.rewriteTable(context.store, header, snapshots, tableBytes);
        context.header = HeaderReader.read(context.store);
        context.measureFile();
    }
}
