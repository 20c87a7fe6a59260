// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

/** Byte counts for people, in the 1024-based units of QEMU and libvirt. */
public final class ByteText {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    /** {@code 10 GiB}, {@code 1.5 MiB}, {@code 512 B}: at most one decimal, none where it would be 0. */
    public static String of(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        long tenths = Math.round(value * 10);
        String number = tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + tenths % 10;
        return number + " " + UNITS[unit];
    }

    private ByteText() {}
}
