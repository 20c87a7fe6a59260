// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.DataTransform;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.compact.Pointer.Level;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves what lies at the tail of a qcow2 file into its free clusters, gives free space back to the host and cuts the tail
 * off. Runs on a file that nobody else has open. {@link ClusterMoves} keeps the order of writes.
 */
public final class InPlaceCompaction {
    /** So many clusters at the tail are looked at in one go, which bounds the memory for their pointers. */
    private static final int MAX_TAIL_CLUSTERS = 1 << 17;

    private final ByteStore store;
    private final @Nullable DataTransform encryption;
    private ClusterGeometry geometry;
    private BitSet used = new BitSet();

    private InPlaceCompaction(ByteStore store, Header header, @Nullable DataTransform encryption) {
        this.store = store;
        this.encryption = encryption;
        this.geometry = header.geometry();
    }

    /**
     * Compacts; refuses an image that a check does not find sound.
     *
     * @param encryption encrypts data anew for its new place; without it data that is encrypted for its place (LUKS) stays
     *     where it is
     */
    public static void run(ByteStore store, @Nullable DataTransform encryption) throws IOException {
        CheckResult check = Qcow2Check.run(store, Repair.LEAKS, finding -> {});
        if (check.failure() != null || check.checkErrors() > 0 || check.corruptions() > 0) {
            throw new StorageException(
                    "'" + store.name() + "' is damaged, and what is damaged is not moved",
                    "look at it with check, and repair it with check -r all");
        }
        new InPlaceCompaction(store, HeaderReader.read(store), encryption).run();
    }

    private void run() throws IOException {
        boolean encrypted = HeaderReader.read(store).cryptMethod() == Header.CRYPT_LUKS;
        // First, as packing changes how many clusters there are.
        new CompressedPacking(store).run();
        for (Level level : Level.values()) {
            boolean again = level != Level.GUEST || !encrypted || encryption != null;
            while (again) {
                again = moveTail(level);
            }
        }
        Header header = HeaderReader.read(store);
        RefcountEdit refcounts = new RefcountEdit(store, header);
        used = refcounts.used();
        dropEmptyBlocks(refcounts);
        moveBlocks(refcounts);
        dropEmptyBlocks(refcounts);
        cutOff();
    }

    /** Moves what it can of the tail; true when there may be more to move. */
    private boolean moveTail(Level level) throws IOException {
        Header header = HeaderReader.read(store);
        geometry = header.geometry();
        RefcountEdit refcounts = new RefcountEdit(store, header);
        used = refcounts.used();
        int ideal = used.cardinality();
        int from = Math.max(ideal, tailStart());
        List<Pointer> tail = new ArrayList<>();
        PointerScan.run(store, header, pointer -> {
            if (pointer.level() == level && pointer.firstCluster() >= from) {
                tail.add(pointer);
            }
        });
        boolean placed = level == Level.GUEST && header.cryptMethod() == Header.CRYPT_LUKS;
        boolean moved = new ClusterMoves(store, geometry, refcounts, used, placed ? encryption : null).move(tail);
        return moved && from > ideal;
    }

    private int tailStart() {
        int cluster = used.length();
        for (int i = 0; i < MAX_TAIL_CLUSTERS && cluster > 0; i++) {
            cluster = used.previousSetBit(cluster - 1);
        }
        return Math.max(0, cluster);
    }

    /** A block that counts nothing, or only itself, is not needed. */
    private void dropEmptyBlocks(RefcountEdit refcounts) throws IOException {
        int entries = geometry.refcountBlockEntries();
        for (int region = refcounts.regions() - 1; region >= 0; region--) {
            long block = refcounts.blockCluster(region);
            int first = region << geometry.refcountBlockBits();
            int next = used.nextSetBit(first);
            boolean empty = next < 0 || next >= first + entries;
            boolean onlyItself = !empty
                    && next == block
                    && (used.nextSetBit(next + 1) < 0 || used.nextSetBit(next + 1) >= first + entries);
            if (block == 0 || (!empty && !onlyItself)) {
                continue;
            }
            // First nobody names it, then it is free; between the two it leaks.
            refcounts.nameBlock(region, 0);
            if (refcounts.hasBlock(block)) {
                refcounts.set(block, 0);
                refcounts.write();
            }
            used.clear((int) block);
        }
    }

    private void moveBlocks(RefcountEdit refcounts) throws IOException {
        for (int region = 0; region < refcounts.regions(); region++) {
            long source = refcounts.blockCluster(region);
            if (source < used.cardinality()) {
                continue;
            }
            int target = used.nextClearBit(0);
            if (target >= source || !refcounts.hasBlock(target)) {
                return;
            }
            refcounts.set(target, 1);
            refcounts.write();
            store.write((long) target << geometry.clusterBits(), refcounts.copyOfBlock(region));
            store.sync();
            refcounts.nameBlock(region, target);
            refcounts.set(source, 0);
            refcounts.write();
            used.set(target);
            used.clear((int) source);
        }
    }

    private void cutOff() throws IOException {
        long end = (long) used.length() << geometry.clusterBits();
        store.sync();
        if (store.sizeBytes() > end) {
            store.truncate(end);
        }
        for (int free = used.nextClearBit(0); free < used.length(); ) {
            int next = used.nextSetBit(free);
            store.punchHole((long) free << geometry.clusterBits(), ((long) next - free) << geometry.clusterBits());
            free = used.nextClearBit(next);
        }
        store.sync();
    }
}
