// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A JSON object as one flat map: what is nested has dotted keys, elements of arrays their number. Strings, numbers and
 * literals are text alike. Read by hand, as no JSON library may be loaded for it.
 */
public final class FlatJson {
    private static final int MAX_DEPTH = 16;

    private final String text;
    private final String what;
    private final Map<String, String> values = new LinkedHashMap<>();
    private int at;

    private FlatJson(String text, int at, String what) {
        this.text = text;
        this.at = at;
        this.what = what;
    }

    /**
     * Parses an object; nothing may follow it.
     *
     * @param start where in the text it begins
     * @param what names the text in the message of an error
     */
    public static Map<String, String> parse(String text, int start, String what) throws StorageException {
        FlatJson parser = new FlatJson(text, start, what);
        parser.object("", 0);
        parser.space();
        if (parser.at != text.length()) {
            throw parser.invalid();
        }
        return parser.values;
    }

    private void object(String prefix, int depth) throws StorageException {
        if (depth > MAX_DEPTH) {
            throw invalid();
        }
        expect('{');
        if (peek() == '}') {
            at++;
            return;
        }
        while (true) {
            String key = prefix + string();
            expect(':');
            value(key, depth);
            if (peek() == '}') {
                at++;
                return;
            }
            expect(',');
        }
    }

    private void array(String prefix, int depth) throws StorageException {
        if (depth > MAX_DEPTH) {
            throw invalid();
        }
        expect('[');
        if (peek() == ']') {
            at++;
            return;
        }
        for (int index = 0; ; index++) {
            value(prefix + index, depth);
            if (peek() == ']') {
                at++;
                return;
            }
            expect(',');
        }
    }

    private void value(String key, int depth) throws StorageException {
        switch (peek()) {
            case '{' -> object(key + ".", depth + 1);
            case '[' -> array(key + ".", depth + 1);
            case '"' -> values.put(key, string());
            default -> values.put(key, literal());
        }
    }

    private String literal() throws StorageException {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw invalid();
        }
        return text.substring(start, at);
    }

    private String string() throws StorageException {
        expect('"');
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws StorageException {
        char c = next();
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                if (at + 4 > text.length()) {
                    throw invalid();
                }
                try {
                    char unit = (char) Integer.parseInt(text.substring(at, at + 4), 16);
                    at += 4;
                    yield unit;
                } catch (NumberFormatException e) {
                    throw invalid();
                }
            }
            default -> c;
        };
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private char peek() throws StorageException {
        space();
        if (at >= text.length()) {
            throw invalid();
        }
        return text.charAt(at);
    }

    private char next() throws StorageException {
        if (at >= text.length()) {
            throw invalid();
        }
        return text.charAt(at++);
    }

    private void expect(char wanted) throws StorageException {
        if (peek() != wanted) {
            throw invalid();
        }
        at++;
    }

    private StorageException invalid() {
        return new StorageException("Could not parse " + what + " at position " + at);
    }
}
