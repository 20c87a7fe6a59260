// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON object as one flat map: what is nested has dotted keys, elements of arrays their number. Strings, numbers and
 * literals are text alike.
 */
public final class FlatJson {
    /** Long keys with many members below them would fill the memory. */
    private static final int MAX_KEY_CHARACTERS = 8 << 20;

    private final Map<String, String> values = new LinkedHashMap<>();
    private final String what;
    private long keyCharacters;

    private FlatJson(String what) {
        this.what = what;
    }

    /** Parses an object; the parameters are those of {@link JsonTree#parse}. */
    public static Map<String, String> parse(String text, int start, String what) throws StorageException {
        return of(JsonTree.parse(text, start, what), what);
    }

    /** The same of a tree. */
    public static Map<String, String> of(Map<String, Object> tree, String what) throws StorageException {
        FlatJson flat = new FlatJson(what);
        flat.addMembers("", tree);
        return flat.values;
    }

    private void addMembers(String prefix, Map<?, ?> object) throws StorageException {
        for (Map.Entry<?, ?> member : object.entrySet()) {
            add(prefix + member.getKey(), member.getValue());
        }
    }

    private void add(String key, Object value) throws StorageException {
        keyCharacters += key.length();
        if (keyCharacters > MAX_KEY_CHARACTERS) {
            throw new StorageException("Could not parse " + what + ": its keys are too long");
        }
        if (value instanceof Map<?, ?> object) {
            addMembers(key + ".", object);
        } else if (value instanceof List<?> array) {
            for (int i = 0; i < array.size(); i++) {
                add(key + "." + i, array.get(i));
            }
        } else {
            values.put(key, value instanceof JsonTree.Literal literal ? literal.text() : value.toString());
        }
    }
}
