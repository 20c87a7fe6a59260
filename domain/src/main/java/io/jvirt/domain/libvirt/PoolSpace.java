// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;

/** A pool's state and space; the sizes are 0 while it is off. */
public record PoolSpace(PoolState state, long capacityBytes, long allocationBytes, long availableBytes) {
    // struct _virStoragePoolInfo: int state; unsigned long long capacity, allocation, available
    static final int SIZE_BYTES = 32;

    static PoolSpace read(Pointer info) {
        return new PoolSpace(PoolState.of(info.getInt(0)), info.getLong(8), info.getLong(16), info.getLong(24));
    }
}
