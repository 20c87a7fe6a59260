// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import java.nio.ByteBuffer;

/**
 * Changes data between guest and host, as encryption does. Works in place on whole sectors; the buffers' remaining bytes
 * start at the given offsets, both multiples of {@link #sectorBytes()}. Thread-safe.
 */
public interface DataTransform {
    int sectorBytes();

    void toHost(ByteBuffer data, long guestOffset, long hostOffset);

    void toGuest(ByteBuffer data, long guestOffset, long hostOffset);
}
