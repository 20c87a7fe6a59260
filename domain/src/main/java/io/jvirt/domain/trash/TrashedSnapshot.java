// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

/**
 * Metadata of a snapshot or a checkpoint; its data is in the disks.
 *
 * @param isCurrent the machine's state goes back to it
 */
public record TrashedSnapshot(String xml, boolean isCurrent) {
    /** What a checkpoint's metadata starts with. */
    public static final String CHECKPOINT = "<domaincheckpoint";

    public boolean isCheckpoint() {
        return xml.contains(CHECKPOINT);
    }
}
