// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Checks and repairs a qcow2 image that nobody else has open. */
public final class Qcow2Check {
    /** QEMU counts clusters in 32 bits. */
    private static final long MAX_CLUSTERS = Integer.MAX_VALUE;

    private static final long INCOMPATIBLE_OFFSET = 72;

    private final CheckContext context;

    private Qcow2Check(CheckContext context) {
        this.context = context;
    }

    /**
     * Checks an image; with a repair, changes what is wrong. Findings go to {@code report} in QEMU's words, a line each.
     * To make a repair reversible, pass a {@link JournaledStore}.
     */
    public static CheckResult run(ByteStore store, Repair repair, Consumer<String> report) throws IOException {
        Header header = HeaderReader.readForRepair(store);
        CheckContext context = new CheckContext(store, header, repair, report);
        try {
            return new Qcow2Check(context).run();
        } finally {
            context.finishReport();
        }
    }

    private CheckResult run() throws IOException {
        if (context.fileClusters > MAX_CLUSTERS) {
            context.checkErrors++;
            return context.result("File too large");
        }
        SnapshotScan snapshots;
        try {
            snapshots = SnapshotScan.read(context);
        } catch (StorageException e) {
            context.checkErrors++;
            boolean tooMany = SnapshotScan.TOO_LARGE.equals(e.getMessage());
            context.say("ERROR " + (tooMany ? "" : "failed to read the snapshot table: ") + e.getMessage());
            String hint = e.hint();
            if (hint != null && hint.startsWith("You can force-remove")) {
                context.say(hint);
                return context.result("File too large");
            }
            return context.result("Invalid argument");
        }
        if (context.repair.errors() && !snapshots.needsRewrite) {
            context.corruptionsFixed += context.corruptions;
            context.corruptions = 0;
        }
        long snapshotCorruptions = context.corruptions;
        StoredRefcounts stored = new StoredRefcounts(context);
        if (snapshotCorruptions == 0 && new SoundImageCheck(context, snapshots, stored).run()) {
            markSound();
            return context.result(null);
        }
        context.corruptions = 0;
        WalkBudget budget = new WalkBudget(context);
        ClusterCounts counts = budget.counts();
        ReferenceCount references = new ReferenceCount(context, counts, snapshots, budget);
        if (!count(references, stored, context.repair)) {
            context.corruptions += snapshotCorruptions;
            return context.result("Invalid argument");
        }
        stored = compareAndRepair(counts, snapshots, stored, budget);
        if (stored == null) {
            context.corruptions += snapshotCorruptions;
            return context.result("Input/output error");
        }
        new CopiedFlagCheck(context, stored, budget).run();
        if (snapshotCorruptions > 0 && context.repair.errors() && isSound()) {
            markSound();
            snapshots.rewrite(context);
            context.corruptionsFixed += snapshotCorruptions;
        } else {
            context.corruptions += snapshotCorruptions;
            markSound();
        }
        return context.result(null);
    }

    private boolean count(ReferenceCount references, StoredRefcounts stored, Repair repair) throws IOException {
        references.countContent();
        references.countRefcountTable();
        if (!references.countBitmaps()) {
            return false;
        }
        references.checkRefcountBlocks(stored, repair.errors());
        return true;
    }

    /** The refcounts that are in force afterwards, or null where a rebuild would be needed but may not be done. */
    private @Nullable StoredRefcounts compareAndRepair(
            ClusterCounts counts, SnapshotScan snapshots, StoredRefcounts stored, WalkBudget budget)
            throws IOException {
        long corruptions = context.corruptions;
        long leaks = context.leaks;
        long checkErrors = context.checkErrors;
        RefcountComparison comparison = new RefcountComparison(context, counts, stored, budget);
        comparison.run(Repair.NONE);
        if (context.rebuildNeeded && context.repair.errors()) {
            // What could not be read was the structure that goes.
            context.checkErrors = checkErrors;
            return rebuild(counts, snapshots, budget);
        }
        if (context.repair == Repair.NONE) {
            return stored;
        }
        if (context.rebuildNeeded) {
            context.say("ERROR need to rebuild refcount structures");
            return null;
        }
        if (context.leaks > 0 || context.corruptions > 0) {
            context.corruptions = corruptions;
            context.leaks = leaks;
            context.checkErrors = checkErrors;
            comparison.run(context.repair);
        }
        return stored;
    }

    /** The old structures are counted too: whoever looks in between finds them in use, and they go when all is well. */
    private StoredRefcounts rebuild(ClusterCounts found, SnapshotScan snapshots, WalkBudget budget) throws IOException {
        context.say("Rebuilding refcount structure");
        long corruptions = context.corruptions;
        long leaks = context.leaks;
        new RefcountRebuild(context, found).run();
        context.corruptions = 0;
        context.leaks = 0;
        context.rebuildNeeded = false;
        StoredRefcounts stored = new StoredRefcounts(context);
        ClusterCounts counts = budget.counts();
        count(new ReferenceCount(context, counts, snapshots, budget), stored, Repair.NONE);
        CheckContext again = new CheckContext(context.store, context.header, Repair.LEAKS, context::say);
        new RefcountComparison(again, counts, stored, budget).run(Repair.LEAKS);
        if (again.rebuildNeeded) {
            context.say("ERROR rebuilt refcount structure is still broken");
            context.corruptions += again.corruptions;
        }
        context.highestCluster = again.highestCluster;
        context.corruptionsFixed += Math.max(0, corruptions - context.corruptions);
        context.leaksFixed += Math.max(0, leaks - context.leaks);
        return stored;
    }

    private boolean isSound() {
        return context.repair != Repair.NONE && context.checkErrors == 0 && context.corruptions == 0;
    }

    /** After a repair that left nothing wrong, the dirty and corrupt bits go. */
    private void markSound() throws IOException {
        Features features = context.header.features();
        if (!isSound()) {
            return;
        }
        if (features.isDirty() || features.isCorrupt()) {
            // The repaired structures must be there before the header says so.
            context.store.sync();
            long sound = features.incompatible() & ~(Features.DIRTY | Features.CORRUPT);
            context.store.write(
                    INCOMPATIBLE_OFFSET, ByteBuffer.allocate(8).putLong(sound).flip());
            context.store.sync();
        } else if (context.corruptionsFixed + context.leaksFixed > 0) {
            context.store.sync();
        }
    }
}
