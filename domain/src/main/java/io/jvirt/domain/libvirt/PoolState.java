// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.util.Locale;

/** A pool's state ({@code virStoragePoolState}). */
public enum PoolState {
    INACTIVE,
    BUILDING,
    RUNNING,
    DEGRADED,
    INACCESSIBLE;

    private static final PoolState[] BY_NUMBER = values();

    static PoolState of(int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : INACCESSIBLE;
    }

    /** {@code active} and {@code inactive} as virsh says, else the state in lower case. */
    public String text() {
        return this == RUNNING ? "active" : name().toLowerCase(Locale.ROOT);
    }
}
