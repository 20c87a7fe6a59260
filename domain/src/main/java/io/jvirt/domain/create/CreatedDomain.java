// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code create} made.
 *
 * @param state libvirt's word: running or shut off
 */
public record CreatedDomain(String name, String uuid, String state, List<Disk> disks, List<Interface> interfaces) {
    /**
     * A disk.
     *
     * @param pool null where it is in none
     * @param created false for one that was there before
     */
    public record Disk(
            String path,
            String format,
            long sizeBytes,
            @Nullable String pool,
            boolean created) {}

    /**
     * A network interface.
     *
     * @param type network, bridge or user
     */
    public record Interface(String type, String source, String mac) {}
}
