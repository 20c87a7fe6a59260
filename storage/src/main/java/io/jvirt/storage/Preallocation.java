// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.Locale;

/** How much of a new image is there before a guest writes to it. */
public enum Preallocation {
    /** Nothing. */
    OFF,
    /** The format's tables, so that no write has to allocate. */
    METADATA,
    /** The tables, and the host's space set aside. */
    FALLOC,
    /** The tables, and zeros written to all of it. */
    FULL;

    /** The name as QEMU and libvirt write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
