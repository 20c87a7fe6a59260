// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.nio.ByteBuffer;

/** Tells whether bytes are all zero. */
public final class ZeroScan {
    private static final int STEP_BYTES = 64 << 10;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(STEP_BYTES).asReadOnlyBuffer();

    private ZeroScan() {}

    /** True where {@code lengthBytes} bytes from {@code offset} on are zero; position and limit are left alone. */
    public static boolean isZero(ByteBuffer buffer, int offset, int lengthBytes) {
        int end = offset + lengthBytes;
        // Data mostly differs from zero early or at its end: look there before the comparison.
        if (lengthBytes >= Long.BYTES && (buffer.getLong(offset) | buffer.getLong(end - Long.BYTES)) != 0) {
            return false;
        }
        // A comparison is vector code in every tier of the compiler, a loop of our own only in the last one.
        for (int at = offset; at < end; at += STEP_BYTES) {
            int step = Math.min(STEP_BYTES, end - at);
            if (buffer.slice(at, step).mismatch(step == STEP_BYTES ? ZEROS : ZEROS.slice(0, step)) >= 0) {
                return false;
            }
        }
        return true;
    }
}
