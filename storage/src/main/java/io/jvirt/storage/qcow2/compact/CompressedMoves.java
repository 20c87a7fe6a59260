// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Moves compressed clusters, each by itself, one behind the other into host clusters that were free. The steps of a batch
 * and what a crash leaves are those of {@link ClusterMoves}. An entry counts for each host cluster that it reaches into, as
 * often as its L2 table is referred to.
 */
final class CompressedMoves {
    /** So much is held in memory, and taken in addition, until its old places are free. */
    private static final int BATCH_BYTES = 16 << 20;

    private static final long LEAST_DECOMPRESSED_BYTES = 256 << 20;

    /** A file that decompresses to more than so many times its size does not get denser by exact lengths. */
    private static final int MOST_RATIO = 16;

    private final ByteStore store;
    private final ClusterGeometry geometry;
    private final int bits;
    private final RefcountEdit refcounts;
    private final BitSet used;
    private final ClusterCodec codec;

    /** Streams are decompressed for their length so long; all that follow keep what they claim. */
    private long decompressionLeft;

    /** Where the next bytes go; 0 where no cluster was begun. */
    private long next;

    private int freeHint;

    /** One compressed cluster with all entries that name it. */
    private record Move(List<CompressedEntry> entries, long weight, ByteBuffer bytes, long target) {
        CompressedEntry source() {
            return entries.get(0);
        }
    }

    CompressedMoves(ByteStore store, Header header, RefcountEdit refcounts, BitSet used) throws IOException {
        this.decompressionLeft = LEAST_DECOMPRESSED_BYTES + MOST_RATIO * store.sizeBytes();
        this.store = store;
        this.geometry = header.geometry();
        this.bits = geometry.clusterBits();
        this.refcounts = refcounts;
        this.used = used;
        this.codec = Objects.requireNonNull(CompressionType.ofCode(header.compressionType()))
                .newCodec();
    }

    /**
     * Moves what these entries name, the highest first; false when nothing was moved.
     *
     * @param down to lower places only; otherwise anywhere, but only where a batch frees more clusters than it takes
     */
    boolean move(List<CompressedEntry> entries, boolean down) throws IOException {
        List<List<CompressedEntry>> groups = groups(entries);
        boolean moved = false;
        try (codec) {
            for (int end = groups.size(); end > 0; ) {
                int start = end;
                for (int bytes = 0; start > 0 && bytes < BATCH_BYTES; ) {
                    bytes += groups.get(--start).get(0).claimedBytes();
                }
                moved |= batch(groups.subList(start, end), down);
                end = start;
            }
        }
        return moved;
    }

    /**
     * Entries that name the same data, by its place. What lies in other data by more than a sector or two is left out, as no
     * writer does that, and a few bytes could then be copied any number of times.
     */
    private static List<List<CompressedEntry>> groups(List<CompressedEntry> entries) {
        entries.sort(
                Comparator.comparingLong(CompressedEntry::hostOffset).thenComparingInt(CompressedEntry::claimedBytes));
        List<List<CompressedEntry>> groups = new ArrayList<>();
        CompressedEntry before = null;
        for (CompressedEntry entry : entries) {
            boolean same = before != null
                    && before.hostOffset() == entry.hostOffset()
                    && before.claimedBytes() == entry.claimedBytes();
            if (!same && before != null) {
                long shared = before.hostOffset() + before.claimedBytes() - entry.hostOffset();
                if (shared > 2 * L2Entry.COMPRESSED_SECTOR_BYTES) {
                    continue;
                }
            }
            if (!same) {
                groups.add(new ArrayList<>(1));
            }
            groups.get(groups.size() - 1).add(entry);
            before = entry;
        }
        return groups;
    }

    private boolean batch(List<List<CompressedEntry>> groups, boolean down) throws IOException {
        long nextBefore = next;
        BitSet taken = new BitSet();
        List<Move> batch = new ArrayList<>();
        for (List<CompressedEntry> group : groups) {
            Move move = plan(group, down, taken);
            if (move != null) {
                batch.add(move);
            }
        }
        if (!down && freedBy(batch) <= taken.cardinality()) {
            for (Move move : batch) {
                count(move.target, move.bytes.limit(), -move.weight);
            }
            used.andNot(taken);
            next = nextBefore;
            freeHint = 0;
            return false;
        }
        perform(batch);
        return !batch.isEmpty();
    }

    private @Nullable Move plan(List<CompressedEntry> group, boolean down, BitSet taken) throws IOException {
        CompressedEntry source = group.get(0);
        long weight = 0;
        for (CompressedEntry entry : group) {
            weight += refcounts.get(entry.slotOffset() >>> bits);
        }
        for (int cluster = source.firstCluster(bits); cluster <= source.lastCluster(bits); cluster++) {
            if (refcounts.get(cluster) < weight) {
                return null;
            }
        }
        ByteBuffer bytes = ByteBuffer.allocate(source.claimedBytes());
        store.readZeroPadded(source.hostOffset(), bytes);
        bytes.flip();
        // What cannot be decompressed keeps all that it claims, in as many sectors.
        boolean exact = trim(bytes);
        int inSector = exact ? -1 : (int) (source.hostOffset() % L2Entry.COMPRESSED_SECTOR_BYTES);
        int bound = down ? source.firstCluster(bits) : Integer.MAX_VALUE;
        long target = place(bytes.limit(), inSector, weight, bound, taken);
        if (target == 0) {
            return null;
        }
        count(target, bytes.limit(), weight);
        return new Move(group, weight, bytes, target);
    }

    /** Cuts off what follows the stream; false where that is not known. */
    private boolean trim(ByteBuffer bytes) {
        decompressionLeft -= geometry.clusterBytes();
        if (decompressionLeft < 0) {
            return false;
        }
        try {
            bytes.limit(codec.streamBytes(bytes, geometry.clusterBytes()));
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    /** A place for so many bytes in clusters below {@code bound}, 0 where there is none. */
    private long place(int length, int inSector, long weight, int bound, BitSet taken) throws IOException {
        int sector = L2Entry.COMPRESSED_SECTOR_BYTES;
        int mine = (int) (next >>> bits);
        if (next != 0) {
            long at = inSector < 0 ? next : next + Math.floorMod(inSector - next, sector);
            if (at >>> bits == mine
                    && refcounts.get(mine) + weight <= geometry.maxRefcount()
                    && fits(mine + 1, at, length, weight, bound)) {
                return take(mine + 1, at, length, taken);
            }
        }
        int start = Math.max(0, inSector);
        int clusters = (int) geometry.clustersFor((long) start + length);
        int first = used.nextClearBit(freeHint);
        freeHint = clusters == 1 ? first : freeHint;
        while ((long) first + clusters <= bound) {
            long at = ((long) first << bits) + start;
            if (fits(first, at, length, weight, bound)) {
                return take(first, at, length, taken);
            }
            if (!refcounts.hasBlock(first)) {
                return 0;
            }
            first = used.nextClearBit(first + 1);
        }
        return 0;
    }

    /** Whether the clusters from {@code first} on into which the range reaches are free and can be counted. */
    private boolean fits(int first, long at, int length, long weight, int bound) {
        long last = at + length - 1 >>> bits;
        if (last >= bound || weight > geometry.maxRefcount() || at + length > L2Entry.compressedOffsetLimit(bits)) {
            return false;
        }
        for (int cluster = first; cluster <= last; cluster++) {
            if (used.get(cluster) || !refcounts.hasBlock(cluster)) {
                return false;
            }
        }
        return true;
    }

    private long take(int first, long at, int length, BitSet taken) {
        int end = (int) (at + length - 1 >>> bits) + 1;
        if (first < end) {
            used.set(first, end);
            taken.set(first, end);
        }
        next = geometry.offsetInCluster(at + length) == 0 ? 0 : at + length;
        return at;
    }

    private void count(long hostOffset, int length, long weight) throws IOException {
        for (long cluster = hostOffset >>> bits; cluster <= hostOffset + length - 1 >>> bits; cluster++) {
            refcounts.set(cluster, refcounts.get(cluster) + weight);
        }
    }

    private int freedBy(List<Move> batch) throws IOException {
        BitSet left = new BitSet();
        for (Move move : batch) {
            count(move.source().hostOffset(), move.source().claimedBytes(), -move.weight);
            left.set(move.source().firstCluster(bits), move.source().lastCluster(bits) + 1);
        }
        int freed = 0;
        for (int cluster = left.nextSetBit(0); cluster >= 0; cluster = left.nextSetBit(cluster + 1)) {
            freed += refcounts.get(cluster) == 0 ? 1 : 0;
        }
        for (Move move : batch) {
            count(move.source().hostOffset(), move.source().claimedBytes(), move.weight);
        }
        return freed;
    }

    private void perform(List<Move> batch) throws IOException {
        for (Move move : batch) {
            store.write(move.target, move.bytes);
        }
        // Syncs the copies too.
        refcounts.write();
        for (Move move : batch) {
            for (CompressedEntry entry : move.entries) {
                repoint(entry, L2Entry.compressed(move.target, move.bytes.limit(), bits));
            }
        }
        store.sync();
        BitSet left = new BitSet();
        for (Move move : batch) {
            count(move.source().hostOffset(), move.source().claimedBytes(), -move.weight);
            left.set(move.source().firstCluster(bits), move.source().lastCluster(bits) + 1);
        }
        refcounts.write();
        for (int cluster = left.nextSetBit(0); cluster >= 0; cluster = left.nextSetBit(cluster + 1)) {
            if (refcounts.get(cluster) == 0) {
                used.clear(cluster);
                freeHint = Math.min(freeHint, cluster);
                store.punchHole((long) cluster << bits, geometry.clusterBytes());
            }
        }
    }

    private void repoint(CompressedEntry source, long moved) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(8);
        store.read(source.slotOffset(), slot);
        if (slot.getLong(0) != source.entry()) {
            throw ClusterMoves.changedBySomebody(store, source.slotOffset(), source.entry(), slot.getLong(0));
        }
        store.write(source.slotOffset(), slot.clear().putLong(moved).flip());
    }
}
