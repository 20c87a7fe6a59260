// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jvirt.storage.StorageException;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON objects on the command line: {@code json:{…}} names and objects given as JSON. Loads the JSON library. */
final class JsonNames {
    private JsonNames() {}

    /** Reads one object. */
    static Map<String, Object> object(String text) throws StorageException {
        try {
            ObjectMapper mapper = new ObjectMapper();
            // QEMU's parser takes both kinds of quotes.
            mapper.configure(JsonParser.Feature.ALLOW_SINGLE_QUOTES, true);
            return mapper.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
        } catch (JsonProcessingException e) {
            throw new StorageException(
                    e instanceof com.fasterxml.jackson.core.io.JsonEOFException
                            ? "JSON parse error, premature EOI"
                            : "JSON parse error, " + e.getOriginalMessage(),
                    null,
                    e);
        }
    }
}
