// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot.
 *
 * @param parent the one it was taken after, or null
 * @param created ISO 8601 in UTC
 * @param state what the domain was when it was taken; {@code disk-snapshot} where the memory is not in it
 * @param kind {@code internal} or {@code external}
 * @param memory whether the memory is in it
 * @param current whether the domain's disks go on from it
 */
public record DomainSnapshot(
        String name,
        @Nullable String parent,
        String created,
        String state,
        String kind,
        boolean memory,
        boolean current,
        @Nullable String description,
        List<Disk> disks) {

    /**
     * A disk in an external snapshot.
     *
     * @param image the file that holds its content as it was
     * @param overlay the file that it went on in
     */
    public record Disk(
            String target, @Nullable String image, @Nullable String overlay) {}
}
