// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file's name in QEMU's {@code json:} form, such as <code>json:{"driver":"qcow2","file":{"driver":"file",
 * "filename":"x"}}</code>: objects of strings, numbers and literals, nested or with dotted keys. Read by hand, as no JSON
 * library may be loaded for it.
 */
final class JsonName {
    private static final int MAX_DEPTH = 16;

    private final String text;
    private final Map<String, String> values = new HashMap<>();
    private int at = "json:".length();

    private JsonName(String text) {
        this.text = text;
    }

    /** The host file that the description leads to. */
    static String fileOf(String name) throws StorageException {
        Map<String, String> values = parse(name);
        String path = values.get("file.filename");
        String driver = values.get("file.driver");
        if (path == null) {
            path = values.get("filename");
            driver = values.get("driver");
        }
        if (path == null || (driver != null && !driver.equals("file") && !driver.equals("host_device"))) {
            throw new StorageException(
                    "Could not open '" + name + "': only files are supported in a json: name",
                    "name a file with \"driver\": \"file\" and \"filename\"");
        }
        return path;
    }

    /** The image format that the description asks for, or null where it leaves that open. */
    static @Nullable String formatOf(String name) throws StorageException {
        String driver = parse(name).get("driver");
        return driver == null || driver.equals("file") || driver.equals("host_device") ? null : driver;
    }

    private static Map<String, String> parse(String name) throws StorageException {
        JsonName parser = new JsonName(name);
        parser.object("", 0);
        parser.space();
        if (parser.at != name.length()) {
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
            char first = peek();
            if (first == '{') {
                object(key + ".", depth + 1);
            } else if (first == '"') {
                values.put(key, string());
            } else {
                values.put(key, literal());
            }
            if (peek() == '}') {
                at++;
                return;
            }
            expect(',');
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
        return new StorageException("Could not parse the JSON options of '" + text + "' at position " + at);
    }
}
