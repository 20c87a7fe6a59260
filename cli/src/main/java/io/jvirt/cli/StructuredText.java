// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers as JSON and YAML. The only class that loads Jackson; loaded when one of them is asked for. */
final class StructuredText {
    /** {@code {"schema": "jvirt/list", "version": 1, "domains": […]}}, ending in a newline. */
    static String of(OutputFormat format, String command, Answer<?> answer) throws JsonProcessingException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", "jvirt/" + command.replace(' ', '-'));
        document.put("version", answer.version());
        document.put(answer.key(), answer.value());
        String text = mapper(format).writeValueAsString(document);
        return text.endsWith("\n") ? text : text + "\n";
    }

    /** One record of a stream: {@code {"schema": …}} on a line, or a YAML document. */
    static String ofOne(OutputFormat format, String command, String key, Object record) throws JsonProcessingException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", "jvirt/" + command.replace(' ', '-'));
        document.put("version", 1);
        document.put(key, record);
        if (format == OutputFormat.YAML) {
            return "---\n" + mapper(format).writeValueAsString(document);
        }
        return mapper(format)
                        .writer()
                        .without(SerializationFeature.INDENT_OUTPUT)
                        .writeValueAsString(document)
                + "\n";
    }

    private static ObjectMapper mapper(OutputFormat format) {
        if (format == OutputFormat.YAML) {
            YAMLFactory yaml = YAMLFactory.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .build();
            return YAMLMapper.builder(yaml)
                    .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                    .build();
        }
        return JsonMapper.builder()
                .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
    }

    private StructuredText() {}
}
