// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

/** What a check may change. */
public enum Repair {
    NONE,
    /** Only refcounts that are too high. */
    LEAKS,
    /** Everything. */
    ALL;

    boolean leaks() {
        return this != NONE;
    }

    boolean errors() {
        return this == ALL;
    }
}
