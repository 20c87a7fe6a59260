// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

/**
 * A file that a snapshot needs: a disk that the machine had when it was taken, or where an external one keeps the memory.
 *
 * @param snapshot its name
 * @param format the format that the definition of that time says it has
 * @param isFrozen nobody may write to it: the snapshot's state is the file's. Internal snapshots are inside their disks, which
 *     go on
 */
public record SnapshotFile(String domain, String snapshot, String path, String format, boolean isFrozen) {}
