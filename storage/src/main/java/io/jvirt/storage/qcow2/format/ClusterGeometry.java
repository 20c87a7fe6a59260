// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

/**
 * The sizes that follow from three header fields. A guest offset splits, from its high bits down, into L1 index, L2 index
 * and offset in the cluster; with extended L2 entries a cluster splits into 32 subclusters.
 *
 * @param clusterBits log2 of the cluster size in bytes, 9 to 21
 * @param refcountOrder log2 of the width of a refcount in bits, 0 to 6
 * @param extendedL2 whether L2 entries are 16 bytes long and carry a subcluster bitmap
 */
public record ClusterGeometry(int clusterBits, int refcountOrder, boolean extendedL2) {
    public static final int MIN_CLUSTER_BITS = 9;
    public static final int MAX_CLUSTER_BITS = 21;
    public static final int MAX_REFCOUNT_ORDER = 6;
    public static final int SUBCLUSTERS_PER_CLUSTER = 32;

    /** Entries of L1 and refcount tables are 8 bytes long. */
    public static final int TABLE_ENTRY_BYTES = 8;

    public int clusterBytes() {
        return 1 << clusterBits;
    }

    public int l2EntryBytes() {
        return extendedL2 ? 16 : 8;
    }

    /** log2 of the number of entries of an L2 table. */
    public int l2Bits() {
        return clusterBits - (extendedL2 ? 4 : 3);
    }

    public int l2Entries() {
        return 1 << l2Bits();
    }

    /** log2 of the guest bytes that one L2 table maps. */
    public int l1EntryBits() {
        return clusterBits + l2Bits();
    }

    public long bytesPerL1Entry() {
        return 1L << l1EntryBits();
    }

    public int subclustersPerCluster() {
        return extendedL2 ? SUBCLUSTERS_PER_CLUSTER : 1;
    }

    /** log2 of the unit in which data is allocated: a subcluster, or a cluster where there are none. */
    public int subclusterBits() {
        return extendedL2 ? clusterBits - 5 : clusterBits;
    }

    public int subclusterBytes() {
        return 1 << subclusterBits();
    }

    public int refcountBits() {
        return 1 << refcountOrder;
    }

    public long maxRefcount() {
        return refcountOrder == 6 ? Long.MAX_VALUE : (1L << refcountBits()) - 1;
    }

    /** log2 of the number of refcounts in a refcount block, which is one cluster. */
    public int refcountBlockBits() {
        return clusterBits + 3 - refcountOrder;
    }

    public int refcountBlockEntries() {
        return 1 << refcountBlockBits();
    }

    public long l1EntriesFor(long virtualSizeBytes) {
        return ceilShift(virtualSizeBytes, l1EntryBits());
    }

    public long clustersFor(long bytes) {
        return ceilShift(bytes, clusterBits);
    }

    public long alignDown(long offset) {
        return offset & -(1L << clusterBits);
    }

    public long alignUp(long offset) {
        return clustersFor(offset) << clusterBits;
    }

    public int offsetInCluster(long offset) {
        return (int) (offset & (clusterBytes() - 1));
    }

    public long l1Index(long guestOffset) {
        return guestOffset >>> l1EntryBits();
    }

    public int l2Index(long guestOffset) {
        return (int) (guestOffset >>> clusterBits) & (l2Entries() - 1);
    }

    /** value / 2^bits rounded up, without overflow for any value that is not negative. */
    static long ceilShift(long value, int bits) {
        return (value >>> bits) + ((value & ((1L << bits) - 1)) == 0 ? 0 : 1);
    }
}
