// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An option's value in virt-install's manner: {@code FIRST,key=value,…}; {@code ,,} is a comma in a value. */
public final class Suboptions {
    private final String option;
    private final @Nullable String first;
    private final Map<String, String> values;

    private Suboptions(String option, @Nullable String first, Map<String, String> values) {
        this.option = option;
        this.first = first;
        this.values = values;
    }

    public static Suboptions parse(String option, String text, List<String> known) {
        Map<String, String> values = new LinkedHashMap<>();
        String first = null;
        String[] parts = text.replace(",,", "\0").split(",", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i].replace('\0', ',');
            int equals = part.indexOf('=');
            if (equals < 0 && i == 0 && !part.isEmpty()) {
                first = part;
                continue;
            }
            String key = equals < 0 ? part : part.substring(0, equals);
            if (!known.contains(key)) {
                throw JvirtException.usage(
                        option + " '" + text + "' has the unknown part '" + part + "'",
                        option + " knows " + String.join(", ", known));
            }
            if (equals < 0 || equals == part.length() - 1) {
                throw JvirtException.usage(
                        option + " '" + text + "': '" + key + "' needs a value", "write " + key + "=…");
            }
            if (values.put(key, part.substring(equals + 1)) != null) {
                throw JvirtException.usage(option + " '" + text + "' gives '" + key + "' twice", "give it once");
            }
        }
        return new Suboptions(option, first, values);
    }

    /** What stands before the first comma without a key, or null. */
    public @Nullable String first() {
        return first;
    }

    public @Nullable String get(String key) {
        return values.get(key);
    }

    public @Nullable String oneOf(String key, List<String> allowed) {
        String value = values.get(key);
        if (value != null && !allowed.contains(value)) {
            throw JvirtException.usage(
                    option + ": " + key + " cannot be '" + value + "'",
                    key + " is one of " + String.join(", ", allowed));
        }
        return value;
    }
}
