// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text of an option list, {@code a=1,b=x,,y}: a doubled comma stands for one in the value; a name alone is a switch,
 * {@code on}, or {@code off} when it begins with {@code no}.
 */
final class OptionList {
    /** A name and its value as written. {@code flag} tells that no value was given. */
    record Pair(String name, String value, boolean flag) {}

    private OptionList() {}

    /**
     * Splits a list.
     *
     * @param firstName the name that the first word has when it is no {@code name=value}, or null
     */
    static List<Pair> parse(String text, @Nullable String firstName) {
        List<Pair> pairs = new ArrayList<>();
        int at = 0;
        String implied = firstName;
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
                end++;
            }
            boolean named = end < text.length() && text.charAt(end) == '=';
            if (!named && implied == null) {
                String name = text.substring(at, end);
                boolean off = name.startsWith("no");
                pairs.add(new Pair(off ? name.substring(2) : name, off ? "off" : "on", true));
                at = end;
            } else {
                String name = named ? text.substring(at, end) : implied;
                StringBuilder value = new StringBuilder();
                at = readValue(text, named ? end + 1 : at, value);
                pairs.add(new Pair(name == null ? "" : name, value.toString(), false));
            }
            implied = null;
            if (at < text.length()) {
                at++;
            }
        }
        return pairs;
    }

    private static int readValue(String text, int from, StringBuilder value) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ',') {
                if (at + 1 >= text.length() || text.charAt(at + 1) != ',') {
                    return at;
                }
                at++;
            }
            value.append(c);
            at++;
        }
        return at;
    }

    /** True where the list asks for help instead of setting something. */
    static boolean asksForHelp(String text) {
        for (Pair pair : parse(text, null)) {
            if (pair.flag() && pair.value().equals("on") && isHelp(pair.name())) {
                return true;
            }
        }
        return false;
    }

    static boolean isHelp(String word) {
        return word.equals("help") || word.equals("?");
    }

    /** Adds the list of one more {@code -o} to those before it; a list that could change its neighbours ends the verb. */
    static String append(Console console, @Nullable String before, String list) {
        int trailing = 0;
        while (trailing < list.length() && list.charAt(list.length() - 1 - trailing) == ',') {
            trailing++;
        }
        if (list.isEmpty() || list.charAt(0) == ',' || trailing % 2 == 1) {
            throw console.fail("Invalid option list: " + list);
        }
        return before == null ? list : before + "," + list;
    }
}
