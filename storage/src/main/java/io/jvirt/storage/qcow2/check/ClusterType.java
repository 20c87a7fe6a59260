// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.qcow2.format.L2Entry;

/** What an L2 entry stands for, as the check tells entries apart. */
enum ClusterType {
    UNALLOCATED,
    ZERO_PLAIN,
    ZERO_ALLOCATED,
    NORMAL,
    COMPRESSED;

    static ClusterType of(long entry, boolean extendedL2, boolean dataFile) {
        if (L2Entry.isCompressed(entry)) {
            return COMPRESSED;
        }
        boolean hasOffset = L2Entry.hostOffset(entry) != 0;
        if ((entry & L2Entry.ZERO) != 0 && !extendedL2) {
            return hasOffset ? ZERO_ALLOCATED : ZERO_PLAIN;
        }
        // With a data file, offset 0 is a place like any other; the copied flag tells it from none.
        return hasOffset || (dataFile && L2Entry.isCopied(entry)) ? NORMAL : UNALLOCATED;
    }
}
