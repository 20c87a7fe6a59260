// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import java.util.Locale;

/** The words of {@code autostart}. */
public enum OnOff {
    ON,
    OFF;

    boolean isOn() {
        return this == ON;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
