// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import java.util.List;

/**
 * A clone.
 *
 * @param state {@code shut off} or {@code running}
 * @param macs of its interfaces, in the definition's order
 */
public record ClonedDomain(String name, String uuid, String source, String state, List<Disk> disks, List<String> macs) {
    /**
     * A disk of its own.
     *
     * @param source what it comes from
     * @param mode full, linked or reflink
     */
    public record Disk(String target, String path, String format, long sizeBytes, String source, String mode) {}
}
