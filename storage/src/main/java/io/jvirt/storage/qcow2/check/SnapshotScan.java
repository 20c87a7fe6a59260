// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The snapshot table: its length, and entries that lack what version 3 asks for. */
final class SnapshotScan {
    /** VM state size, virtual size: what each entry of a version 3 image has at least. */
    private static final int REQUIRED_EXTRA_BYTES = 16;

    private static final int FIXED_BYTES = 40;

    final List<Snapshot> snapshots;
    final long tableBytes;

    private SnapshotScan(List<Snapshot> snapshots, long tableBytes) {
        this.snapshots = snapshots;
        this.tableBytes = tableBytes;
    }

    static SnapshotScan read(CheckContext context) throws IOException {
        List<Snapshot> snapshots = Snapshot.readTable(context.store, context.header);
        long start = context.header.snapshots().hostOffset();
        long at = start;
        for (int i = 0; i < snapshots.size(); i++) {
            ByteBuffer fixed = context.read(at, FIXED_BYTES);
            int extra = fixed.getInt(36);
            if (context.header.version() >= 3 && extra < REQUIRED_EXTRA_BYTES) {
                context.corrupt("ERROR snapshot table entry " + i + " is incomplete");
            }
            int length = FIXED_BYTES + extra + (fixed.getShort(12) & 0xffff) + (fixed.getShort(14) & 0xffff);
            at += (length + 7) / 8 * 8;
        }
        return new SnapshotScan(snapshots, at - start);
    }
}
