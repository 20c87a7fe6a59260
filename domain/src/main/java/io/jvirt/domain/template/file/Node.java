// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a template, and where it stands. */
sealed interface Node {
    Place place();

    /** What it is, in an error's words. */
    String kind();

    /**
     * A single value.
     *
     * @param isEmpty nothing is written behind the key, or {@code null} or {@code ~}
     */
    record Scalar(Place place, String text, boolean isEmpty) implements Node {
        @Override
        public String kind() {
            return isEmpty ? "nothing" : "'" + text + "'";
        }
    }

    record Items(Place place, List<Node> items) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys in the file's order; the place of each entry is its key's. */
    record Keys(Place place, Map<String, Entry> entries) implements Node {
        @Override
        public String kind() {
            return "a block of keys";
        }

        @Nullable
        Node get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value();
        }
    }

    record Entry(Place place, Node value) {}
}
