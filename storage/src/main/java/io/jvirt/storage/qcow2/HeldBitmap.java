// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.BitmapEntry;
import org.jspecify.annotations.Nullable;

/** A bitmap of an open image. */
final class HeldBitmap {
    BitmapEntry entry;

    /** The bits, once they were needed. */
    @Nullable
    BitmapContent content;

    /** Whether the file has these bits. */
    boolean stored;

    HeldBitmap(BitmapEntry entry, boolean stored) {
        this.entry = entry;
        this.stored = stored;
    }

    /** Whether it takes note of what is written. */
    boolean records() {
        return entry.isAuto() && !entry.isInUse();
    }
}
