// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The copied flag of the active tables: set exactly where the refcount is one. */
final class CopiedFlagCheck {
    private final CheckContext context;
    private final StoredRefcounts refcounts;
    private final ClusterGeometry geometry;
    private final WalkBudget budget;
    private final boolean repairing;

    CopiedFlagCheck(CheckContext context, StoredRefcounts refcounts, WalkBudget budget) {
        this.context = context;
        this.refcounts = refcounts;
        this.budget = budget;
        geometry = context.geometry;
        // Flags follow from refcounts; a repair of leaks alone touches them only where all else is well.
        boolean allElseWell = context.checkErrors == 0 && context.corruptions == 0 && context.leaks == 0;
        repairing = context.repair.errors() || (context.repair.leaks() && allElseWell);
    }

    void run() throws IOException {
        long l1Offset = context.header.l1().hostOffset();
        context.readTable(l1Offset, context.header.l1().entries(), (index, entry) -> {
            if (L2Entry.hostOffset(entry) != 0) {
                checkL1(l1Offset, index, entry);
            }
            return true;
        });
    }

    private void checkL1(long l1Offset, int index, long entry) throws IOException {
        long l2Offset = L2Entry.hostOffset(entry);
        long cluster = l2Offset >>> geometry.clusterBits();
        long refcount = refcounts.get(cluster);
        if (refcount == StoredRefcounts.UNREADABLE) {
            return;
        }
        if ((refcount == 1) != L2Entry.isCopied(entry)) {
            if (context.isReportFull()) {
                context.corruptions++;
            } else {
                context.corrupt(word() + " OFLAG_COPIED L2 cluster: l1_index=" + index + " l1_entry="
                        + CheckContext.hex(entry) + " refcount=" + refcounts.text(cluster));
            }
            if (repairing) {
                context.store.write(
                        l1Offset + (long) index * ClusterGeometry.TABLE_ENTRY_BYTES,
                        ByteBuffer.allocate(8)
                                .putLong(corrected(entry, refcount))
                                .flip());
                fixed(1);
            }
        }
        checkL2(l2Offset);
    }

    private void checkL2(long l2Offset) throws IOException {
        if (l2Offset >= context.fileBytes || budget.isHole(l2Offset, geometry.clusterBytes())) {
            return;
        }
        budget.spend(geometry.l2Entries());
        boolean dataFile = context.header.features().hasDataFile();
        ByteBuffer l2 = context.read(l2Offset, geometry.clusterBytes());
        int changed = 0;
        for (int i = 0; i < geometry.l2Entries(); i++) {
            int at = i * geometry.l2EntryBytes();
            long entry = l2.getLong(at);
            ClusterType type = ClusterType.of(entry, geometry.extendedL2(), dataFile);
            if (type != ClusterType.NORMAL && type != ClusterType.ZERO_ALLOCATED) {
                continue;
            }
            long cluster = L2Entry.hostOffset(entry) >>> geometry.clusterBits();
            long refcount = dataFile ? 1 : refcounts.get(cluster);
            if (refcount != StoredRefcounts.UNREADABLE && (refcount == 1) != L2Entry.isCopied(entry)) {
                if (context.isReportFull()) {
                    context.corruptions++;
                } else {
                    context.corrupt(word() + " OFLAG_COPIED data cluster: l2_entry=" + CheckContext.hex(entry)
                            + " refcount=" + (dataFile ? "1" : refcounts.text(cluster)));
                }
                if (repairing) {
                    l2.putLong(at, corrected(entry, refcount));
                    changed++;
                }
            }
        }
        if (changed > 0) {
            context.store.write(l2Offset, l2);
            fixed(changed);
        }
    }

    private String word() {
        return repairing ? "Repairing" : "ERROR";
    }

    private void fixed(int count) {
        context.corruptions -= count;
        context.corruptionsFixed += count;
    }

    private static long corrected(long entry, long refcount) {
        return refcount == 1 ? entry | L2Entry.COPIED : entry & ~L2Entry.COPIED;
    }
}
