// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Sizes as QEMU reads and prints them: {@code 10G} is 10 GiB, {@code 1.5k}, {@code 0x200}. */
final class Sizes {
    private static final String SUFFIXES = "BKMGTPE";
    private static final int BITS = 64;

    /** How a text failed to be a size. */
    enum Fault {
        INVALID,
        OUT_OF_RANGE
    }

    /** A text that is no size. */
    static final class BadSize extends Exception {
        private static final long serialVersionUID = 1;

        private final Fault fault;

        BadSize(Fault fault) {
            super(fault.name(), null, false, false);
            this.fault = fault;
        }

        Fault fault() {
            return fault;
        }
    }

    private Sizes() {}

    /**
     * Reads an unsigned 64-bit size (negative {@code long}s stand for 2^63 and more). Decimal with an optional fraction,
     * or hexadecimal without; one optional suffix letter of either case.
     */
    static long parse(String text) throws BadSize {
        int at = 0;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '+') {
            at++;
        }
        int digits = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        if (at == digits) {
            throw new BadSize(Fault.INVALID);
        }
        BigInteger whole = new BigInteger(text.substring(digits, at));
        BigDecimal fraction = BigDecimal.ZERO;
        if (whole.signum() == 0 && at < text.length() && (text.charAt(at) == 'x' || text.charAt(at) == 'X')) {
            int hex = at + 1;
            int end = hex;
            while (end < text.length() && Character.digit(text.charAt(end), 16) >= 0 && text.charAt(end) < 128) {
                end++;
            }
            if (at - digits != 1 || end == hex) {
                throw new BadSize(Fault.INVALID);
            }
            whole = new BigInteger(text.substring(hex, end), 16);
            at = end;
        } else if (at < text.length() && text.charAt(at) == '.') {
            int end = at + 1;
            while (end < text.length() && isDigit(text.charAt(end))) {
                end++;
            }
            if (end > at + 1) {
                fraction = new BigDecimal("0" + text.substring(at, end));
            }
            at = end;
        }
        if (whole.bitLength() > BITS) {
            throw new BadSize(Fault.OUT_OF_RANGE);
        }
        int shift = 0;
        if (at < text.length()) {
            int suffix = SUFFIXES.indexOf(Character.toUpperCase(text.charAt(at)));
            if (suffix < 0 || at + 1 < text.length()) {
                throw new BadSize(Fault.INVALID);
            }
            shift = 10 * suffix;
        }
        if (shift == 0 && fraction.signum() != 0) {
            throw new BadSize(Fault.INVALID);
        }
        BigInteger size = whole.shiftLeft(shift);
        if (fraction.signum() != 0) {
            size = size.add(fraction.multiply(new BigDecimal(BigInteger.ONE.shiftLeft(shift)))
                    .setScale(0, RoundingMode.HALF_UP)
                    .toBigInteger());
        }
        if (size.bitLength() > BITS) {
            throw new BadSize(Fault.OUT_OF_RANGE);
        }
        return size.longValue();
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    /** Reads the value of a numeric command line option; reports what is wrong with it and ends the verb. */
    static long option(Console console, String name, String text, long min, long max) {
        long value;
        try {
            value = parse(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (BadSize e) {
            if (e.fault() == Fault.INVALID) {
                console.error("Invalid " + name + " specified. You may use k, M, G, T, P or E suffixes for");
                throw console.fail("kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes.");
            }
        }
        throw console.fail("Invalid " + name + " specified. Must be between " + min + " and " + max + ".");
    }

    static long option(Console console, String name, String text) {
        return option(console, name, text, 0, Long.MAX_VALUE);
    }

    /** Three significant digits and a unit: {@code 1.5 GiB}, {@code 196 KiB}, {@code 0 B}. */
    static String human(long bytes) {
        String[] units = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
        double value = bytes;
        int unit = 0;
        // The next unit from 1000 on: 1023 B would need a fourth digit.
        while (unit < units.length - 1 && value >= 1000) {
            value /= 1024;
            unit++;
        }
        return Numbers.significant(value, 3) + " " + units[unit] + "B";
    }
}
