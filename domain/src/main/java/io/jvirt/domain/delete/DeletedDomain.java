// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code delete} removed.
 *
 * @param disks files and volumes that went
 * @param keptDisks files and devices of the domain that stay
 * @param trash the id of its entry in the trash; null where it is gone for good
 */
public record DeletedDomain(
        String name,
        String uuid,
        List<String> disks,
        List<String> keptDisks,
        @Nullable String trash) {}
