// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.cloudinit.CloudInit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Templates as YAML text. */
public final class TemplateYaml {
    private TemplateYaml() {}

    /** A template with all that it extends, as one file would say it. */
    public static String of(MachineTemplate template) {
        return text(settings(template));
    }

    /** The keys of a template as plain values: numbers and yes/no as such, all else as text. */
    public static Map<String, Object> settings(MachineTemplate template) {
        return plain(template.keys(), TemplateSchema.KEYS);
    }

    /** Blocks of keys, lists and single values. */
    static String text(Map<String, Object> settings) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndicatorIndent(2);
        options.setIndentWithIndicator(true);
        options.setWidth(1000);
        options.setSplitLines(false);
        return new Yaml(options).dump(settings);
    }

    private static Map<String, Object> plain(Node.Keys keys, List<TemplateKey> known) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (TemplateKey key : known) {
            Node value = keys.get(key.name());
            if (value != null) {
                found.put(key.name(), plain(value, key));
            }
        }
        return found;
    }

    private static Object plain(Node value, TemplateKey key) {
        if (value instanceof Node.Keys keys) {
            return plain(keys, key.parts());
        }
        if (value instanceof Node.Items list) {
            List<Object> items = new ArrayList<>();
            for (Node item : list.items()) {
                items.add(plain(item, key));
            }
            return items;
        }
        String text = ((Node.Scalar) value).text();
        return switch (key.type()) {
            case FILE, PLACE -> MachineTemplate.placeOf(value.place(), text);
            case TEXTS -> CloudInit.isKey(text) ? text : MachineTemplate.placeOf(value.place(), text);
            case COUNT -> Integer.valueOf(text);
            case YES_NO -> Boolean.TRUE.equals(TemplateSchema.yesNo(text));
            default -> text;
        };
    }
}
