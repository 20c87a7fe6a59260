// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Something that is being done to a running domain: saving, moving, dumping.
 *
 * @param totalBytes 0 where nobody knows
 */
public record DomainJob(long elapsedMillis, long totalBytes, long doneBytes, long remainingBytes) {
    // struct _virDomainJobInfo: int type; unsigned long long timeElapsed, timeRemaining, dataTotal, dataProcessed,
    // dataRemaining, then the same three of memory and of files
    static final int SIZE_BYTES = 96;
    private static final int TYPE_BOUNDED = 1;
    private static final int TYPE_UNBOUNDED = 2;

    static @Nullable DomainJob read(Pointer info) {
        int type = info.getInt(0);
        return type == TYPE_BOUNDED || type == TYPE_UNBOUNDED
                ? new DomainJob(info.getLong(8), info.getLong(24), info.getLong(32), info.getLong(40))
                : null;
    }
}
