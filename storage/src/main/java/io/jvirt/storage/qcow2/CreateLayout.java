// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;

/**
 * Where the parts of a new image lie, in clusters from the start: header, refcount table, refcount blocks, L1 table, L2
 * tables, data. The refcount blocks cover all of it, themselves too.
 */
record CreateLayout(
        ClusterGeometry geometry,
        long l1Entries,
        long refcountTableClusters,
        long refcountBlocks,
        long l1Clusters,
        long l2Tables,
        long dataClusters) {

    static CreateLayout plan(
            ClusterGeometry geometry, long virtualSizeBytes, boolean preallocated, boolean externalData)
            throws StorageException {
        long l1Entries = geometry.l1EntriesFor(virtualSizeBytes);
        if (l1Entries > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
            throw tooLarge();
        }
        long l1Clusters = geometry.clustersFor(l1Entries * ClusterGeometry.TABLE_ENTRY_BYTES);
        long l2Tables = preallocated ? l1Entries : 0;
        long data = preallocated && !externalData ? geometry.clustersFor(virtualSizeBytes) : 0;
        long others = 1 + l1Clusters + l2Tables + data;
        long blocks = 1;
        long tables = 1;
        while (true) {
            long neededBlocks = divideUp(others + blocks + tables, geometry.refcountBlockEntries());
            long neededTables = geometry.clustersFor(neededBlocks * ClusterGeometry.TABLE_ENTRY_BYTES);
            if (neededBlocks <= blocks && neededTables <= tables) {
                break;
            }
            blocks = Math.max(blocks, neededBlocks);
            tables = Math.max(tables, neededTables);
        }
        if (tables << geometry.clusterBits() > Math.max(Header.MAX_REFCOUNT_TABLE_BYTES, geometry.clusterBytes())) {
            throw tooLarge();
        }
        return new CreateLayout(geometry, l1Entries, tables, blocks, l1Clusters, l2Tables, data);
    }

    private static StorageException tooLarge() {
        return new StorageException(
                "The image size is too large for file format 'qcow2' (try using a larger cluster size)");
    }

    private static long divideUp(long value, long by) {
        return (value + by - 1) / by;
    }

    long refcountTableOffset() {
        return geometry.clusterBytes();
    }

    long refcountBlocksOffset() {
        return refcountTableOffset() + (refcountTableClusters << geometry.clusterBits());
    }

    long l1Offset() {
        return refcountBlocksOffset() + (refcountBlocks << geometry.clusterBits());
    }

    long l2Offset() {
        return l1Offset() + (l1Clusters << geometry.clusterBits());
    }

    long dataOffset() {
        return l2Offset() + (l2Tables << geometry.clusterBits());
    }

    long totalClusters() {
        return 1 + refcountTableClusters + refcountBlocks + l1Clusters + l2Tables + dataClusters;
    }
}
