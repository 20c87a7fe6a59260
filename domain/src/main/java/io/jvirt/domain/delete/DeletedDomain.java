// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import java.util.List;

/**
 * What {@code delete} removed.
 *
 * @param disks files and volumes that went
 * @param keptDisks files and devices of the domain that stay
 */
public record DeletedDomain(String name, String uuid, List<String> disks, List<String> keptDisks) {}
