// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import org.jspecify.annotations.Nullable;

/**
 * What {@code clone} is asked for.
 *
 * @param source the original: name, UUID or number
 * @param name the clone's name, or with a count what its number is put behind
 * @param count null for one clone of that very name
 * @param pool where the disks go; null for where the original's are
 * @param directory the same, for a place that is no pool
 * @param identity how the guest gets a host name, a machine id and SSH host keys of its own
 * @param keepsMacPrefix the clone's addresses start as the original's do, instead of with libvirt's prefix
 */
public record CloneRequest(
        String source,
        String name,
        @Nullable Integer count,
        CloneMode mode,
        @Nullable String pool,
        @Nullable String directory,
        boolean keepsMacPrefix,
        boolean starts,
        IdentityReset identity) {}
