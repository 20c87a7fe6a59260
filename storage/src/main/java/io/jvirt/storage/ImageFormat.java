// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.Locale;

/** A disk image format that the engine reads or names. */
public enum ImageFormat {
    RAW,
    QCOW2,
    LUKS;

    /** The name as QEMU and libvirt write it: {@code raw}, {@code qcow2}, {@code luks}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
