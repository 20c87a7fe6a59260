// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jvirt.domain.journal.JournalRecord.Adopted;
import io.jvirt.domain.journal.JournalRecord.Begin;
import io.jvirt.domain.journal.JournalRecord.Done;
import io.jvirt.domain.journal.JournalRecord.End;
import io.jvirt.domain.journal.JournalRecord.Fact;
import io.jvirt.domain.journal.JournalRecord.Failed;
import io.jvirt.domain.journal.JournalRecord.Intent;
import io.jvirt.domain.journal.JournalRecord.Undone;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Journal records as JSON, one object a line. The streaming API alone: it loads in a fraction of the mapper's time. */
final class JournalJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JournalJson() {}

    static String write(JournalRecord record) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            if (record instanceof Begin r) {
                writeBegin(json, r);
            } else if (record instanceof Adopted r) {
                json.writeStringField("record", "adopted");
                writeOwner(json, r.owner());
            } else if (record instanceof Intent r) {
                writeStep(json, "intent", r.step());
            } else if (record instanceof Fact r) {
                writeStep(json, "fact", r.step());
                json.writeStringField("name", r.name());
                json.writeStringField("value", r.value());
            } else if (record instanceof Done r) {
                writeStep(json, "done", r.step());
            } else if (record instanceof Failed r) {
                writeStep(json, "failed", r.step());
                json.writeStringField("reason", r.reason());
            } else if (record instanceof Undone r) {
                writeStep(json, "undone", r.step());
            } else if (record instanceof End r) {
                json.writeStringField("record", "end");
                json.writeBooleanField("completed", r.completed());
            }
            json.writeEndObject();
        }
        return out.toString();
    }

    private static void writeStep(JsonGenerator json, String record, int step) throws IOException {
        json.writeStringField("record", record);
        json.writeNumberField("step", step);
    }

    private static void writeOwner(JsonGenerator json, Owner owner) throws IOException {
        json.writeObjectFieldStart("owner");
        json.writeNumberField("pid", owner.pid());
        json.writeNumberField("startTicks", owner.startTicks());
        json.writeStringField("bootId", owner.bootId());
        json.writeStringField("hostname", owner.hostname());
        json.writeStringField("command", owner.command());
        json.writeEndObject();
    }

    private static void writeBegin(JsonGenerator json, Begin begin) throws IOException {
        json.writeStringField("record", "begin");
        json.writeNumberField("version", begin.version());
        json.writeStringField("id", begin.id());
        json.writeStringField("verb", begin.verb());
        json.writeStringField("uri", begin.uri());
        json.writeArrayFieldStart("domains");
        for (String domain : begin.domains()) {
            json.writeString(domain);
        }
        json.writeEndArray();
        json.writeStringField("at", begin.at());
        writeOwner(json, begin.owner());
        json.writeArrayFieldStart("steps");
        for (StepPlan step : begin.steps()) {
            json.writeStartObject();
            json.writeStringField("kind", step.kind());
            json.writeStringField("summary", step.summary());
            json.writeObjectFieldStart("parameters");
            for (Map.Entry<String, String> p : step.parameters().entrySet()) {
                json.writeStringField(p.getKey(), p.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Reads a line; anything but a whole known record is an IOException. Unknown fields are ignored. */
    static JournalRecord read(String line) throws IOException {
        try (JsonParser json = FACTORY.createParser(line)) {
            json.nextToken();
            if (!(value(json) instanceof Map<?, ?> fields) || json.nextToken() != null) {
                throw new IOException("not a record: " + line);
            }
            return record(fields);
        } catch (ClassCastException | NullPointerException e) {
            throw new IOException("a field is missing or of the wrong type: " + line, e);
        }
    }

    private static JournalRecord record(Map<?, ?> fields) throws IOException {
        String kind = text(fields, "record");
        return switch (kind) {
            case "begin" -> begin(fields);
            case "adopted" -> new Adopted(owner(fields));
            case "intent" -> new Intent(step(fields));
            case "fact" -> new Fact(step(fields), text(fields, "name"), text(fields, "value"));
            case "done" -> new Done(step(fields));
            case "failed" -> new Failed(step(fields), text(fields, "reason"));
            case "undone" -> new Undone(step(fields));
            case "end" -> new End((Boolean) required(fields, "completed"));
            default -> throw new IOException("unknown record '" + kind + "'");
        };
    }

    private static Begin begin(Map<?, ?> fields) throws IOException {
        List<String> domains = new ArrayList<>();
        for (Object domain : (List<?>) required(fields, "domains")) {
            domains.add((String) domain);
        }
        List<StepPlan> steps = new ArrayList<>();
        for (Object step : (List<?>) required(fields, "steps")) {
            Map<?, ?> s = (Map<?, ?>) step;
            Map<String, String> parameters = new LinkedHashMap<>();
            for (Map.Entry<?, ?> p : ((Map<?, ?>) required(s, "parameters")).entrySet()) {
                parameters.put((String) p.getKey(), (String) p.getValue());
            }
            steps.add(new StepPlan(text(s, "kind"), text(s, "summary"), parameters));
        }
        return new Begin(
                (int) number(fields, "version"),
                text(fields, "id"),
                text(fields, "verb"),
                text(fields, "uri"),
                domains,
                text(fields, "at"),
                owner(fields),
                steps);
    }

    private static Owner owner(Map<?, ?> fields) throws IOException {
        Map<?, ?> o = (Map<?, ?>) required(fields, "owner");
        return new Owner(
                number(o, "pid"), number(o, "startTicks"), text(o, "bootId"), text(o, "hostname"), text(o, "command"));
    }

    private static int step(Map<?, ?> fields) throws IOException {
        return (int) number(fields, "step");
    }

    private static String text(Map<?, ?> fields, String name) throws IOException {
        return (String) required(fields, name);
    }

    private static long number(Map<?, ?> fields, String name) throws IOException {
        return (Long) required(fields, name);
    }

    private static Object required(Map<?, ?> fields, String name) throws IOException {
        Object value = fields.get(name);
        if (value == null) {
            throw new IOException("no field '" + name + "'");
        }
        return value;
    }

    private static Object value(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> fields = new LinkedHashMap<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                fields.put(name, value(json));
            }
            return fields;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> elements = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                elements.add(value(json));
            }
            return elements;
        }
        if (token == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return json.getLongValue();
        }
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return token == JsonToken.VALUE_TRUE;
        }
        throw new IOException("unexpected JSON " + token);
    }
}
