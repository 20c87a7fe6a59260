// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

/**
 * Where a table lies in the file.
 *
 * @param hostOffset first byte
 * @param entries its length: entries of the L1 table, clusters of the refcount table, snapshots of the snapshot table
 */
public record TableLocation(long hostOffset, int entries) {
    public static final TableLocation NONE = new TableLocation(0, 0);
}
