// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;

/** How a clone's disks come from the original's. */
public enum CloneMode {
    /** Copies of the content, without what the guest has freed. */
    FULL,
    /** Overlays: the original's disks are their base and must not change any more. */
    LINKED,
    /** Files that share blocks with the original's, copied by the file system when one of them changes. */
    REFLINK,
    /** Linked for a template; else reflink where the file system can, else full. */
    AUTO;

    /** By its name in lower case. */
    public static CloneMode parse(String text) {
        return switch (text) {
            case "full" -> FULL;
            case "linked" -> LINKED;
            case "reflink" -> REFLINK;
            case "auto" -> AUTO;
            default ->
                throw JvirtException.usage("--mode cannot be '" + text + "'", "it is full, linked, reflink or auto");
        };
    }
}
