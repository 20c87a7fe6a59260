// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * JSON objects on the command line, {@code json:{…}} names and objects given as JSON, flat as QEMU flattens them: what is nested
 * has dotted names, an element of an array its number. The parser alone is loaded, as mapping to classes takes a third of a second.
 */
final class JsonNames {
    private static final String NO_JSON = "JSON parse error, ";

    private JsonNames() {}

    /** Well-formed JSON, but no object. */
    static final class NoObject extends StorageException {
        private static final long serialVersionUID = 1;

        NoObject() {
            super("Invalid JSON object given");
        }
    }

    /** Reads one object; switches are {@code on} and {@code off}, null is the empty text. */
    static Map<String, String> object(String text) throws StorageException {
        Map<String, String> members = new LinkedHashMap<>();
        // QEMU's parser takes both kinds of quotes.
        try (JsonParser parser = new JsonFactory()
                .createParser(text)
                .enable(JsonParser.Feature.ALLOW_SINGLE_QUOTES)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new StorageException("Expecting a JSON value");
            }
            read(parser, "", members);
            if (hasMore(parser)) {
                throw new StorageException("Expecting at most one JSON value");
            }
            if (first != JsonToken.START_OBJECT) {
                throw new NoObject();
            }
            return members;
        } catch (JsonEOFException e) {
            throw new StorageException(NO_JSON + "premature EOI", null, e);
        } catch (JsonParseException e) {
            boolean twice = String.valueOf(e.getOriginalMessage()).startsWith("Duplicate field");
            throw new StorageException(NO_JSON + (twice ? "duplicate key" : e.getOriginalMessage()), null, e);
        } catch (JsonProcessingException e) {
            throw new StorageException(NO_JSON + e.getOriginalMessage(), null, e);
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory could not be read", e);
        }
    }

    private static boolean hasMore(JsonParser parser) throws IOException {
        try {
            return parser.nextToken() != null;
        } catch (JsonParseException e) {
            return true;
        }
    }

    private static void read(JsonParser parser, String name, Map<String, String> into) throws IOException {
        String prefix = name.isEmpty() ? "" : name + ".";
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String member = prefix + parser.currentName();
                    parser.nextToken();
                    read(parser, member, into);
                }
            }
            case START_ARRAY -> {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    read(parser, prefix + i, into);
                }
            }
            case VALUE_TRUE -> into.put(name, "on");
            case VALUE_FALSE -> into.put(name, "off");
            case VALUE_NULL -> into.put(name, "");
            default -> into.put(name, parser.getText());
        }
    }
}
