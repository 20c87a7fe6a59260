// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code templates/schema.json}, for editors, says what the code checks; {@code -Djvirt.golden=write} writes it anew. */
class SchemaFileTest {
    private static final Path FILE = Path.of("../templates/schema.json");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theSchemaForEditorsIsThatOfTheCode() throws IOException {
        ObjectNode schema = JSON.createObjectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "A template of jvirt");
        schema.setAll(block(TemplateSchema.KEYS));
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(schema) + "\n";
        if ("write".equals(System.getProperty("jvirt.golden"))) {
            Files.writeString(FILE, text);
        }
        assertThat(text).isEqualTo(Files.readString(FILE));
    }

    @Test
    void theReadmeNamesEachKey() throws IOException {
        String readme = Files.readString(Path.of("../templates/README.md"));
        for (TemplateKey key : TemplateSchema.KEYS) {
            assertThat(readme).contains("`" + key.name() + "`");
            key.parts().forEach(part -> assertThat(readme).containsPattern("`" + part.name() + "[`:]"));
        }
    }

    private static ObjectNode block(List<TemplateKey> keys) {
        ObjectNode block = JSON.createObjectNode();
        block.put("type", "object");
        block.put("additionalProperties", false);
        ObjectNode properties = block.putObject("properties");
        for (TemplateKey key : keys) {
            ObjectNode value = value(key);
            value.put("description", key.meaning());
            properties.set(key.name(), value);
        }
        return block;
    }

    private static ObjectNode value(TemplateKey key) {
        ObjectNode value = JSON.createObjectNode();
        switch (key.type()) {
            case COUNT -> value.put("type", "integer").put("minimum", 1);
            case YES_NO -> value.put("type", "boolean");
            case MEMORY -> value.putArray("type").add("string").add("integer");
            case WORD -> key.words().forEach(value.withArray("enum")::add);
            case TEXTS -> value.putArray("type").add("string").add("array");
            case BLOCK -> value.setAll(block(key.parts()));
            case LIST -> value.put("type", "array").set("items", block(key.parts()));
            default -> value.put("type", "string");
        }
        return value;
    }
}
