// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import org.jspecify.annotations.Nullable;

/**
 * Something that is being done to a machine or to one of its disks.
 *
 * @param what job of the machine as a whole, or a disk and its job: {@code vda: copy}
 * @param doneBytes null where nobody knows
 */
public record JobDetails(
        String what, @Nullable Long doneBytes, @Nullable Long totalBytes) {}
