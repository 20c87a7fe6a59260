// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

/** Sizes as users write them: {@code 10G} is GiB as in QEMU and libvirt. */
public final class SizeText {
    private static final String UNITS = "KMGTPE";

    private SizeText() {}

    /**
     * Reads a size of at least one byte: {@code 10G}, {@code 512MiB}, {@code 1.5T}.
     *
     * @param what names it in errors: {@code the disk's size}
     * @param plainUnitBytes the unit of a bare number; 0 where a number needs a unit
     */
    public static long parse(String text, String what, long plainUnitBytes) {
        String example = "write a number and a unit, such as 512M, 10G or 1T";
        int digits = 0;
        while (digits < text.length()
                && (Character.digit(text.charAt(digits), 10) >= 0 || text.charAt(digits) == '.')) {
            digits++;
        }
        String number = text.substring(0, digits);
        if (text.startsWith("-")) {
            throw JvirtException.usage(what + " '" + text + "' is negative", example);
        }
        if (number.isEmpty()
                || number.startsWith(".")
                || number.endsWith(".")
                || number.indexOf('.') != number.lastIndexOf('.')) {
            throw JvirtException.usage(what + " '" + text + "' is not a size", example);
        }
        double value = Double.parseDouble(number);
        long unit = unitBytes(text.substring(digits), plainUnitBytes);
        if (unit < 0) {
            throw JvirtException.usage(
                    what + " '" + text + "' has the unknown unit '" + text.substring(digits) + "'", example);
        }
        if (unit == 0 && value != 0) {
            throw JvirtException.usage(what + " '" + text + "' has no unit", "write " + text + "G for GiB");
        }
        if (value * unit >= 0x1p63) {
            throw JvirtException.usage(what + " '" + text + "' is too large", "the limit is below 8E (8 EiB)");
        }
        long bytes = number.indexOf('.') < 0 ? Long.parseLong(number) * unit : (long) (value * unit);
        if (bytes == 0) {
            throw JvirtException.usage(what + " '" + text + "' is zero", example);
        }
        return bytes;
    }

    private static long unitBytes(String unit, long plainUnitBytes) {
        if (unit.isEmpty()) {
            return plainUnitBytes;
        }
        if (unit.equalsIgnoreCase("b")) {
            return 1;
        }
        int power = UNITS.indexOf(Character.toUpperCase(unit.charAt(0))) + 1;
        String rest = unit.substring(1);
        boolean known = rest.isEmpty() || rest.equalsIgnoreCase("b") || rest.equalsIgnoreCase("ib");
        return power == 0 || !known ? -1 : 1L << (10 * power);
    }

    /** {@code 10 GiB}: the largest unit that leaves no remainder worth a decimal. */
    public static String of(long bytes) {
        int power = 0;
        double value = bytes;
        while (value >= 1024 && power < UNITS.length()) {
            value /= 1024;
            power++;
        }
        long tenths = Math.round(value * 10);
        String number = tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + tenths % 10;
        return number + (power == 0 ? " B" : " " + UNITS.charAt(power - 1) + "iB");
    }
}
