// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.compact;

/**
 * Eight bytes of the file, big-endian, that say where something lies; bits 9 to 55 are the host offset in every kind of
 * table and in the header.
 *
 * @param slotOffset host offset of the eight bytes
 * @param firstCluster the first host cluster of what they name
 * @param clusters how many clusters it has, one after the other
 * @param level what it is
 */
record Pointer(long slotOffset, long firstCluster, int clusters, Level level) {
    static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

    /** What holds no pointers comes first; the slots of each level lie in those behind it, or in the header. */
    enum Level {
        /** Guest data and VM states, which may be encrypted for their place. */
        GUEST,
        /** Bitmap data. */
        BITMAP,
        /** L2 tables and bitmap tables. */
        TABLE,
        /** L1 tables of the disk and its snapshots. */
        ROOT,
        /** The snapshot table, the bitmap directory, the refcount table: the header names them. */
        DIRECTORY
    }
}
