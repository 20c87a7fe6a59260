// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;

/**
 * A volume's sizes.
 *
 * @param type libvirt's number: 0 file, 1 block, 2 directory, 3 network, …
 * @param capacityBytes what a guest sees
 * @param allocationBytes what it takes on the host
 * @param physicalBytes the length of its file or device, -1 where the driver does not say
 */
public record VolumeSize(int type, long capacityBytes, long allocationBytes, long physicalBytes) {
    // struct _virStorageVolInfo: int type; unsigned long long capacity, allocation
    static final int SIZE_BYTES = 24;

    static VolumeSize read(Pointer info, long physicalBytes) {
        return new VolumeSize(info.getInt(0), info.getLong(8), info.getLong(16), physicalBytes);
    }
}
