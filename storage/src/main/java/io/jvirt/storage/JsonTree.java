// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON object as maps, lists, strings and, for numbers and literals, {@link Literal}; in the order of the text, so that
 * what nobody knows is written as it was read. Read by hand, as no JSON library may be loaded for it.
 */
public final class JsonTree {
    private static final int MAX_DEPTH = 16;

    /** A number, {@code true}, {@code false} or {@code null}, as it is written. */
    public record Literal(String text) {}

    private final String text;
    private final String what;
    private int at;

    private JsonTree(String text, int at, String what) {
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
    public static Map<String, Object> parse(String text, int start, String what) throws StorageException {
        JsonTree parser = new JsonTree(text, start, what);
        Map<String, Object> object = parser.object(0);
        parser.space();
        if (parser.at != text.length()) {
            throw parser.invalid();
        }
        return object;
    }

    private Map<String, Object> object(int depth) throws StorageException {
        if (depth > MAX_DEPTH) {
            throw invalid();
        }
        Map<String, Object> object = new LinkedHashMap<>();
        expect('{');
        if (peek() == '}') {
            at++;
            return object;
        }
        while (true) {
            String key = string();
            expect(':');
            object.put(key, value(depth));
            if (peek() == '}') {
                at++;
                return object;
            }
            expect(',');
        }
    }

    private List<Object> array(int depth) throws StorageException {
        if (depth > MAX_DEPTH) {
            throw invalid();
        }
        List<Object> array = new ArrayList<>();
        expect('[');
        if (peek() == ']') {
            at++;
            return array;
        }
        while (true) {
            array.add(value(depth));
            if (peek() == ']') {
                at++;
                return array;
            }
            expect(',');
        }
    }

    private Object value(int depth) throws StorageException {
        return switch (peek()) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> string();
            default -> new Literal(literal());
        };
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

    /** The text of a tree, without spaces. */
    public static String text(Object tree) {
        StringBuilder out = new StringBuilder();
        append(tree, out);
        return out.toString();
    }

    private static void append(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> object) {
            String separator = "{";
            for (Map.Entry<?, ?> member : object.entrySet()) {
                out.append(separator);
                quote(member.getKey().toString(), out);
                append(member.getValue(), out.append(':'));
                separator = ",";
            }
            out.append(object.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> array) {
            String separator = "[";
            for (Object element : array) {
                append(element, out.append(separator));
                separator = ",";
            }
            out.append(array.isEmpty() ? "[]" : "]");
        } else if (value instanceof Literal literal) {
            out.append(literal.text);
        } else {
            quote(value.toString(), out);
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
