// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.nio.ByteBuffer;

/** Tells whether bytes are all zero. */
public final class ZeroScan {
    private static final int STEP_BYTES = 8 * Long.BYTES;

    private ZeroScan() {}

    /** True where {@code lengthBytes} bytes from {@code offset} on are zero; position and limit are left alone. */
    public static boolean isZero(ByteBuffer buffer, int offset, int lengthBytes) {
        int at = offset;
        int end = offset + lengthBytes;
        // Data mostly differs from zero early or at its end: look there before the loop.
        if (lengthBytes >= Long.BYTES && (buffer.getLong(at) | buffer.getLong(end - Long.BYTES)) != 0) {
            return false;
        }
        for (; at <= end - STEP_BYTES; at += STEP_BYTES) {
            long low = buffer.getLong(at) | buffer.getLong(at + 8) | buffer.getLong(at + 16) | buffer.getLong(at + 24);
            long high = buffer.getLong(at + 32)
                    | buffer.getLong(at + 40)
                    | buffer.getLong(at + 48)
                    | buffer.getLong(at + 56);
            if ((low | high) != 0) {
                return false;
            }
        }
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            if (buffer.getLong(at) != 0) {
                return false;
            }
        }
        for (; at < end; at++) {
            if (buffer.get(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
