// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Snapshots;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.util.List;

/** The snapshot table: its length, and entries that lack what version 3 asks for or have too much. */
final class SnapshotScan {
    /** VM state size, virtual size: what each entry of a version 3 image has at least. */
    private static final int REQUIRED_EXTRA_BYTES = 16;

    static final String TOO_LARGE = "snapshot table too large";

    final List<Snapshot> snapshots;
    final long tableBytes;

    private SnapshotScan(Snapshot.Table table) {
        this.snapshots = table.snapshots();
        this.tableBytes = table.lengthBytes();
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
        for (int i = 0; i < table.extraBytes().size(); i++) {
            long extra = table.extraBytes().get(i);
            if (extra > Snapshot.MAX_EXTRA_BYTES) {
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
                context.corrupt(context.repairingOrError() + " snapshot table entry " + i + " is incomplete");
            }
        }
        return new SnapshotScan(table);
    }

    /** Writes the table anew, with all that each entry should have; the refcounts must be right already. */
    void rewrite(CheckContext context) throws IOException {
        Header header = HeaderReader.readForRepair(context.store);
        Snapshots.rewriteTable(context.store, header, snapshots, tableBytes);
        context.header = HeaderReader.read(context.store);
        context.measureFile();
    }
}
