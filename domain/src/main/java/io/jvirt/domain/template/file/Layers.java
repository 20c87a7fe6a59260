// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays templates over those that they extend: a key of the upper one wins, blocks are laid over each other, lists are not. */
final class Layers {
    /** Takes the key that is inherited away again. */
    private static final String NONE = "none";

    private Layers() {}

    /** @param layers the root first, each checked against the schema */
    static Node.Keys merge(List<Node.Keys> layers) {
        Node.Keys top = layers.get(layers.size() - 1);
        Map<String, Node.Entry> merged = new LinkedHashMap<>();
        for (TemplateKey key : TemplateSchema.KEYS) {
            for (Node.Keys layer : layers) {
                Node.Entry entry = layer.entries().get(key.name());
                if (entry == null || key.name().equals(TemplateSchema.EXTENDS)) {
                    continue;
                }
                Node.Entry below = merged.get(key.name());
                if (isRemoval(key, entry.value())) {
                    merged.remove(key.name());
                } else if (below != null
                        && below.value() instanceof Node.Keys old
                        && entry.value() instanceof Node.Keys young) {
                    Map<String, Node.Entry> both = new LinkedHashMap<>(old.entries());
                    both.putAll(young.entries());
                    merged.put(key.name(), new Node.Entry(entry.place(), new Node.Keys(young.place(), both)));
                } else {
                    merged.put(key.name(), entry);
                }
            }
        }
        return new Node.Keys(top.place(), merged);
    }

    private static boolean isRemoval(TemplateKey key, Node value) {
        boolean canGo = switch (key.type()) {
            case PLACE, FILE, CHECKSUM -> true;
            default -> false;
        };
        return canGo && isNone(value);
    }

    static boolean isNone(Node value) {
        return value instanceof Node.Scalar scalar && scalar.text().equals(NONE);
    }
}
