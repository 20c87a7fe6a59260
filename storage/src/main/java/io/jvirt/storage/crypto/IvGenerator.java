// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.util.Locale;

/** How the initial vector follows from a sector's number. */
public enum IvGenerator {
    /** The low 32 bits of the number, little-endian, then zeros. */
    PLAIN,
    /** The number as 64 bits, little-endian, then zeros. */
    PLAIN64,
    /** As PLAIN64, then encrypted with the hash of the key. */
    ESSIV;

    /** The name in a LUKS header and in QEMU's options. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
