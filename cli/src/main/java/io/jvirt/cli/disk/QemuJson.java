// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.qcow2.format.StoredText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * JSON as QEMU prints it: four spaces of indentation, ASCII only, and the members of an object in the order of QEMU's
 * hash table (512 buckets, newest first), so that even a script that compares text sees no difference.
 */
final class QemuJson {
    private static final int BUCKETS = 512;

    /** No lambda: the first one of a process takes 6 ms, which a short command would feel. */
    private static final Comparator<Map.Entry<?, ?>> BUCKET_ORDER = new Comparator<>() {
        @Override
        public int compare(Map.Entry<?, ?> a, Map.Entry<?, ?> b) {
            return Integer.compare(bucket(a.getKey()), bucket(b.getKey()));
        }
    };

    private QemuJson() {}

    /** Writes maps, lists, strings, booleans and whole numbers over several lines, without a final newline. */
    static String pretty(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, 0, true);
        return text.toString();
    }

    /** The same on one line. */
    static String compact(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, 0, false);
        return text.toString();
    }

    private static void write(StringBuilder text, Object value, int depth, boolean pretty) {
        if (value instanceof Map<?, ?> map) {
            text.append('{');
            String separator = "";
            for (Map.Entry<?, ?> member : inHashOrder(map)) {
                text.append(separator);
                line(text, depth + 1, pretty, !separator.isEmpty());
                quote(text, String.valueOf(member.getKey()));
                text.append(": ");
                write(text, member.getValue(), depth + 1, pretty);
                separator = ",";
            }
            line(text, depth, pretty, false);
            text.append('}');
        } else if (value instanceof List<?> list) {
            text.append('[');
            String separator = "";
            for (Object element : list) {
                text.append(separator);
                line(text, depth + 1, pretty, !separator.isEmpty());
                write(text, element, depth + 1, pretty);
                separator = ",";
            }
            line(text, depth, pretty, false);
            text.append(']');
        } else if (value instanceof String string) {
            quote(text, string);
        } else {
            text.append(value);
        }
    }

    private static void line(StringBuilder text, int depth, boolean pretty, boolean space) {
        if (pretty) {
            text.append('\n').append(" ".repeat(4 * depth));
        } else if (space) {
            text.append(' ');
        }
    }

    /** The members in bucket order; within a bucket the one that was added last comes first. */
    static List<Map.Entry<?, ?>> inHashOrder(Map<?, ?> map) {
        List<Map.Entry<?, ?>> members = new ArrayList<>(map.entrySet());
        java.util.Collections.reverse(members);
        members.sort(BUCKET_ORDER);
        return members;
    }

    private static int bucket(Object key) {
        byte[] name = String.valueOf(key).getBytes(StandardCharsets.UTF_8);
        int hash = 0x238F13AF * name.length;
        for (int i = 0; i < name.length; i++) {
            hash += name[i] << (i * 5 % 24);
        }
        return Integer.remainderUnsigned(1103515243 * hash + 12345, BUCKETS);
    }

    private static void quote(StringBuilder text, String stored) {
        String string = StoredText.valid(stored);
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || c >= 0x7F) {
                        String digits = Integer.toHexString(c).toUpperCase(java.util.Locale.ROOT);
                        text.append("\\u").append("0000", digits.length(), 4).append(digits);
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
