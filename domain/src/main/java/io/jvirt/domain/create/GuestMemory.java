// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;

/** How much memory a machine can be given at all, on whichever host. */
public final class GuestMemory {
    private static final String HINT = "write --memory 2G; a bare number is in MiB";
    private static final long MIN_BYTES = 1 << 20;
    /** Physical addresses have 52 bits at most (AMD64 manual, volume 2, 5.1; Arm's FEAT_LPA), and devices take some of them. */
    private static final long TOO_MANY_BYTES = 1L << 52;

    private GuestMemory() {}

    /** Refuses what no guest can start with; libvirt takes up to 8 EiB and QEMU refuses at the start. */
    public static void check(long bytes) {
        if (bytes < MIN_BYTES) {
            throw JvirtException.usage("a machine cannot have only " + SizeText.of(bytes) + " of memory", HINT);
        }
        if (bytes >= TOO_MANY_BYTES) {
            throw JvirtException.usage(
                    "a machine cannot have " + SizeText.of(bytes) + " of memory: its addresses end at 4 PiB", HINT);
        }
    }
}
