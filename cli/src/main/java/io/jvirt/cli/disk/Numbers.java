// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers printed as printf(3) prints them, in the C locale. */
final class Numbers {
    private Numbers() {}

    /** {@code %.Ng} for values that need no exponent on the small side. */
    static String significant(double value, int digits) {
        if (value == 0) {
            return "0";
        }
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

    /** {@code %-Ns}. */
    static String left(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
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
