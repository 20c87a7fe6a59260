// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;

/**
 * A disk's sizes, as the hypervisor sees it.
 *
 * @param capacityBytes what the guest sees
 * @param allocationBytes what it takes on the host
 * @param physicalBytes the length of its file or device
 */
public record BlockSize(long capacityBytes, long allocationBytes, long physicalBytes) {
    // struct _virDomainBlockInfo: unsigned long long capacity, allocation, physical
    static final int SIZE_BYTES = 24;

    static BlockSize read(Pointer info) {
        return new BlockSize(info.getLong(0), info.getLong(8), info.getLong(16));
    }
}
