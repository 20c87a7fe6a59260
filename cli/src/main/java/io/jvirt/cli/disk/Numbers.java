// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.qcow2.format.StoredText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Numbers printed as printf(3) prints them, in the C locale. */
final class Numbers {
    private static final int MOST_QUICK_DIGITS = 9;
    private static final double NEAR_TIE = 1e-4;

    private Numbers() {}

    /** {@code %.Ng} for values that need no exponent on the small side. */
    static String significant(double value, int digits) {
        if (value == 0) {
            return "0";
        }
        String quick = quickly(value, digits);
        return quick == null ? exactly(value, digits) : quick;
    }

    /**
     * Without the classes for long numbers, which take a tenth of all the time of a short command to load; null where that
     * could round wrongly, or would need an exponent.
     */
    private static @Nullable String quickly(double value, int digits) {
        int decimals = digits - 1;
        double end = 10;
        while (value >= end && decimals > 0) {
            end *= 10;
            decimals--;
        }
        if (!(value >= 1 && value < end) || digits > MOST_QUICK_DIGITS) {
            return null;
        }
        long scale = 1;
        for (int i = 0; i < decimals; i++) {
            scale *= 10;
        }
        double scaled = value * scale;
        long rounded = Math.round(scaled);
        if (Math.abs(scaled - Math.floor(scaled) - 0.5) < NEAR_TIE || rounded >= end * scale) {
            return null;
        }
        while (decimals > 0 && rounded % 10 == 0) {
            rounded /= 10;
            decimals--;
        }
        String text = Long.toString(rounded);
        int point = text.length() - decimals;
        return decimals == 0 ? text : text.substring(0, point) + "." + text.substring(point);
    }

    static String exactly(double value, int digits) {
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        BigDecimal plain = rounded.stripTrailingZeros();
        if (exponent >= digits) {
            String mantissa = plain.movePointLeft(exponent).stripTrailingZeros().toPlainString();
            return mantissa + (exponent < 10 ? "e+0" : "e+") + exponent;
        }
        return plain.toPlainString();
    }

    /** {@code %.Nf}. */
    static String fixed(double value, int decimals) {
        return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
    }

    /** {@code %-Ns} of ASCII. */
    static String left(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    /** {@code %-Ns} of any text: it counts bytes. */
    static String leftInBytes(String text, int width) {
        return text + " ".repeat(Math.max(0, width - StoredText.bytes(text).length));
    }

    /** {@code %Ns}. */
    static String right(String text, int width) {
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    /** {@code %#x}: zero has no prefix. */
    static String hex(long value) {
        return value == 0 ? "0" : "0x" + Long.toHexString(value);
    }
}
