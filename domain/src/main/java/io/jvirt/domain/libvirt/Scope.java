// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/** What a change reaches: the running machine, the definition for its next start, or both. */
public enum Scope {
    CURRENT(0),
    LIVE(1),
    CONFIG(2),
    BOTH(3);

    private final int flags;

    Scope(int flags) {
        this.flags = flags;
    }

    int flags() {
        return flags;
    }
}
