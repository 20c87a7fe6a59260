// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import io.jvirt.domain.JvirtException;

/** References in XML text, and the characters that XML 1.0 allows (XML 1.0, 2.2 and 4.6). */
final class XmlEscape {
    private XmlEscape() {}

    static String text(String value) {
        return escape(value, '\0');
    }

    static String attribute(String value, char quote) {
        return escape(value, quote);
    }

    private static String escape(String value, char quote) {
        StringBuilder out = new StringBuilder(value.length() + 16);
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            if (!isAllowed(c)) {
                throw JvirtException.usage(
                        "the character U+" + Integer.toHexString(c) + " cannot be written in XML", "leave it out");
            }
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '\r' -> out.append("&#xD;");
                default -> {
                    if (quote != '\0' && c == quote) {
                        out.append(quote == '"' ? "&quot;" : "&apos;");
                    } else if (quote != '\0' && (c == '\n' || c == '\t')) {
                        out.append(c == '\n' ? "&#xA;" : "&#x9;");
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        }
        return out.toString();
    }

    /** Replaces references by what they stand for; the parser has checked them. */
    static String unescape(String source) {
        int ampersand = source.indexOf('&');
        if (ampersand < 0) {
            return source;
        }
        StringBuilder out = new StringBuilder(source.length());
        int from = 0;
        while (ampersand >= 0) {
            out.append(source, from, ampersand);
            int end = source.indexOf(';', ampersand);
            int c = end < 0 ? -1 : reference(source.substring(ampersand + 1, end));
            if (c < 0) {
                throw new IllegalStateException("unchecked reference in " + source);
            }
            out.appendCodePoint(c);
            from = end + 1;
            ampersand = source.indexOf('&', from);
        }
        return out.append(source, from, source.length()).toString();
    }

    /** The character that a reference (without {@code &} and {@code ;}) stands for, or -1. */
    static int reference(String name) {
        return switch (name) {
            case "amp" -> '&';
            case "lt" -> '<';
            case "gt" -> '>';
            case "quot" -> '"';
            case "apos" -> '\'';
            default -> numbered(name);
        };
    }

    private static int numbered(String name) {
        if (name.length() < 2 || name.length() > 9 || name.charAt(0) != '#') {
            return -1;
        }
        boolean hexadecimal = name.charAt(1) == 'x';
        String digits = name.substring(hexadecimal ? 2 : 1);
        int c = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = Character.digit(digits.charAt(i), hexadecimal ? 16 : 10);
            if (digit < 0 || digits.charAt(i) > 'f') {
                return -1;
            }
            c = c * (hexadecimal ? 16 : 10) + digit;
        }
        return !digits.isEmpty() && isAllowed(c) ? c : -1;
    }

    static boolean isAllowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= 0x20 && c <= 0xD7FF)
                || (c >= 0xE000 && c <= 0xFFFD)
                || (c >= 0x10000 && c <= 0x10FFFF);
    }

    static boolean isSpace(int c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
