// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;

/**
 * Guest ranges whose clusters are being allocated: their data is on its way and their L2 entries are still the old ones.
 * Whoever wants to change such a range waits. Guarded by the image's table lock.
 */
final class InFlight {
    /** A range, whole clusters. */
    record Range(long guestOffset, long endOffset) {}

    private final Condition changed;
    private final List<Range> ranges = new ArrayList<>();

    InFlight(Tables tables) {
        this.changed = tables.lock.newCondition();
    }

    /** Waits until nothing is in flight in the cluster at this offset. */
    void await(long guestOffset) throws IOException {
        while (distance(guestOffset) == 0) {
            try {
                changed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StorageException("Interrupted while waiting for another write", null, e);
            }
        }
    }

    /** Bytes from this offset to the next range in flight; 0 within one. */
    long distance(long guestOffset) {
        long nearest = Long.MAX_VALUE;
        for (Range range : ranges) {
            if (range.endOffset > guestOffset) {
                nearest = Math.min(nearest, Math.max(0, range.guestOffset - guestOffset));
            }
        }
        return nearest;
    }

    Range add(long guestOffset, long endOffset) {
        Range range = new Range(guestOffset, endOffset);
        ranges.add(range);
        return range;
    }

    void remove(Range range) {
        ranges.remove(range);
        changed.signalAll();
    }
}
