// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.DataTransform;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves clusters to lower places, in batches, each in three steps with a sync between them: the copies and their refcounts;
 * the pointers; the refcounts of the old places. After a crash in a step, old and new place both have a refcount at least
 * as high as the pointers that name them: what is too high is a leak.
 */
final class ClusterMoves {
    /** What a batch may take in addition until its old places are free. */
    private static final long BATCH_BYTES = 32 << 20;

    private static final int BATCH_MOVES = 8192;

    private final ByteStore store;
    private final ClusterGeometry geometry;
    private final RefcountEdit refcounts;
    private final BitSet used;
    private final @Nullable DataTransform encryption;
    private int freeHint;

    /** Something with all that points to it. */
    private record Move(int source, int clusters, int target, List<Pointer> pointers) {}

    /** {@code encryption} is there where what moves is encrypted for its place. */
    ClusterMoves(
            ByteStore store,
            ClusterGeometry geometry,
            RefcountEdit refcounts,
            BitSet used,
            @Nullable DataTransform encryption) {
        this.store = store;
        this.geometry = geometry;
        this.refcounts = refcounts;
        this.used = used;
        this.encryption = encryption;
    }

    /** Moves as many as there is room for below them, the highest first; false when nothing was moved. */
    boolean move(List<Pointer> pointers) throws IOException {
        pointers.sort(Comparator.comparingLong(Pointer::firstCluster));
        List<List<Pointer>> groups = new ArrayList<>();
        long before = -1;
        for (Pointer pointer : pointers) {
            if (pointer.firstCluster() != before) {
                groups.add(new ArrayList<>(1));
                before = pointer.firstCluster();
            }
            groups.get(groups.size() - 1).add(pointer);
        }
        boolean moved = false;
        for (int end = groups.size(); end > 0; ) {
            int start = end;
            long bytes = 0;
            while (start > 0 && end - start < BATCH_MOVES && (bytes == 0 || bytes < BATCH_BYTES)) {
                bytes += (long) groups.get(--start).get(0).clusters() << geometry.clusterBits();
            }
            List<Move> batch = new ArrayList<>();
            for (List<Pointer> group : groups.subList(start, end)) {
                Move move = plan(group);
                if (move != null) {
                    batch.add(move);
                }
            }
            if (batch.isEmpty()) {
                return moved;
            }
            perform(batch);
            moved = true;
            end = start;
        }
        return moved;
    }

    /** Takes the lowest place that is free and large enough, where it is below the present one. */
    private @Nullable Move plan(List<Pointer> group) throws IOException {
        int source = (int) group.get(0).firstCluster();
        int clusters = group.get(0).clusters();
        if (!isWholly(group) || (encryption != null && isHole(source))) {
            return null;
        }
        int target = used.nextClearBit(freeHint);
        if (clusters == 1) {
            freeHint = target;
        }
        while (target + clusters <= source) {
            int next = used.nextSetBit(target);
            if (next >= target + clusters && counted(target, clusters)) {
                used.set(target, target + clusters);
                return new Move(source, clusters, target, group);
            }
            target = next >= target + clusters ? target + 1 : used.nextClearBit(next);
        }
        return null;
    }

    /** Whether these pointers are all that the refcounts know of: otherwise somebody else would point to what is free. */
    private boolean isWholly(List<Pointer> group) throws IOException {
        long weight = 0;
        for (Pointer pointer : group) {
            weight += refcounts.get(pointer.slotOffset() >>> geometry.clusterBits());
        }
        for (Pointer pointer : group) {
            for (int i = 0; i < pointer.clusters(); i++) {
                if (refcounts.get(pointer.firstCluster() + i) != weight) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What it reads as depends on its place, and elsewhere it would take space. */
    private boolean isHole(long cluster) throws IOException {
        long start = cluster << geometry.clusterBits();
        return store.nextData(start) >= start + geometry.clusterBytes();
    }

    private boolean counted(int first, int clusters) {
        for (int cluster = first; cluster < first + clusters; cluster++) {
            if (!refcounts.hasBlock(cluster)) {
                return false;
            }
        }
        return true;
    }

    private void perform(List<Move> batch) throws IOException {
        ByteBuffer cluster = PageBuffer.allocate(geometry.clusterBytes());
        for (Move move : batch) {
            for (int i = 0; i < move.clusters; i++) {
                copy(move.source + i, move.target + i, cluster);
                refcounts.set(move.target + i, refcounts.get(move.source + i));
            }
        }
        // Syncs the copies too.
        refcounts.write();
        for (Move move : batch) {
            for (Pointer pointer : move.pointers) {
                repoint(pointer, move.target);
            }
        }
        store.sync();
        for (Move move : batch) {
            for (int i = 0; i < move.clusters; i++) {
                refcounts.set(move.source + i, 0);
            }
        }
        refcounts.write();
        int bits = geometry.clusterBits();
        for (Move move : batch) {
            used.clear(move.source, move.source + move.clusters);
            store.punchHole((long) move.source << bits, (long) move.clusters << bits);
        }
    }

    private void copy(long source, long target, ByteBuffer cluster) throws IOException {
        int bytes = geometry.clusterBytes();
        long from = source << geometry.clusterBits();
        long to = target << geometry.clusterBits();
        if (encryption != null) {
            store.readZeroPadded(from, cluster.clear());
            encryption.toGuest(cluster.flip(), 0, from);
            encryption.toHost(cluster, 0, to);
            store.write(to, cluster);
            return;
        }
        long data = store.nextData(from);
        boolean whole = data == from && store.nextHole(from) >= from + bytes;
        if (whole || !store.punchHole(to, bytes)) {
            store.readZeroPadded(from, cluster.clear());
            store.write(to, cluster.clear());
            return;
        }
        long end = Math.min(from + bytes, store.sizeBytes());
        while (data < end) {
            int length = (int) (Math.min(store.nextHole(data), end) - data);
            store.readZeroPadded(data, cluster.clear().limit(length));
            store.write(to + data - from, cluster.flip());
            data = store.nextData(data + length);
        }
    }

    private void repoint(Pointer pointer, long target) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(8);
        store.read(pointer.slotOffset(), slot);
        long entry = slot.getLong(0);
        long present = (entry & Pointer.OFFSET_MASK) >>> geometry.clusterBits();
        if (present != pointer.firstCluster()) {
            throw changedBySomebody(store, pointer.slotOffset(), pointer.firstCluster(), present);
        }
        long moved = (entry & ~Pointer.OFFSET_MASK) | target << geometry.clusterBits();
        store.write(pointer.slotOffset(), slot.clear().putLong(moved).flip());
    }

    static CorruptImageException changedBySomebody(ByteStore store, long slotOffset, long expected, long found) {
        return new CorruptImageException(
                "'" + store.name() + "' was changed by somebody else",
                store.name(),
                "pointer",
                slotOffset,
                Long.toHexString(expected),
                Long.toHexString(found));
    }
}
