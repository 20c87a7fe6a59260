// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.util.Locale;

/** How a block cipher covers a sector. */
public enum CipherMode {
    ECB,
    CBC,
    /** Two keys: the second encrypts the tweak (IEEE 1619). */
    XTS;

    /** The name in a LUKS header and in QEMU's options. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
