// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

/**
 * How to delete.
 *
 * @param force a running domain is forced off first
 * @param keepDisks its disks stay where they are
 * @param purge everything is removed at once instead of waiting in the trash
 */
public record DeleteOptions(boolean force, boolean keepDisks, boolean purge) {}
