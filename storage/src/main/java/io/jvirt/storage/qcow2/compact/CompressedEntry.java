// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

import io.jvirt.storage.qcow2.format.L2Entry;

/**
 * An L2 entry that names compressed data.
 *
 * @param slotOffset host offset of the entry
 * @param entry its 64 bits
 * @param hostOffset of the first compressed byte
 * @param claimedBytes from there to the end of the last sector that may belong to it
 */
record CompressedEntry(long slotOffset, long entry, long hostOffset, int claimedBytes) {
    static CompressedEntry of(long slotOffset, long entry, int clusterBits) {
        return new CompressedEntry(
                slotOffset,
                entry,
                L2Entry.compressedHostOffset(entry, clusterBits),
                L2Entry.compressedLengthBytes(entry, clusterBits));
    }

    int firstCluster(int clusterBits) {
        return (int) (hostOffset >>> clusterBits);
    }

    int lastCluster(int clusterBits) {
        return (int) (hostOffset + claimedBytes - 1 >>> clusterBits);
    }
}
