// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.util.List;
import java.util.Map;

/** The human form of {@code info}. */
final class InfoText {
    private InfoText() {}

    static String of(Map<String, Object> tree) {
        StringBuilder text = new StringBuilder();
        text.append("image: ").append(tree.get("filename")).append('\n');
        text.append("file format: ").append(tree.get("format")).append('\n');
        long virtualSize = (Long) tree.getOrDefault("virtual-size", 0L);
        text.append("virtual size: ").append(Sizes.human(virtualSize));
        text.append(" (").append(virtualSize).append(" bytes)\n");
        Object allocated = tree.get("actual-size");
        text.append("disk size: ")
                .append(allocated instanceof Long bytes ? Sizes.human(bytes) : "unavailable")
                .append('\n');
        if (Boolean.TRUE.equals(tree.get("encrypted"))) {
            text.append("encrypted: yes\n");
        }
        if (tree.containsKey("cluster-size")) {
            text.append("cluster_size: ").append(tree.get("cluster-size")).append('\n');
        }
        if (Boolean.TRUE.equals(tree.get("dirty-flag"))) {
            text.append("cleanly shut down: no\n");
        }
        backing(text, tree);
        if (tree.get("snapshots") instanceof List<?> snapshots) {
            text.append("Snapshot list:\n").append(SnapshotTable.HEADING).append('\n');
            for (Object snapshot : snapshots) {
                text.append(SnapshotTable.row((Map<?, ?>) snapshot)).append('\n');
            }
        }
        if (tree.get("format-specific") instanceof Map<?, ?> specific
                && specific.get("data") instanceof Map<?, ?> data) {
            text.append("Format specific information:\n");
            value(text, data, 1);
        }
        return text.toString();
    }

    private static void backing(StringBuilder text, Map<String, Object> tree) {
        Object backing = tree.get("backing-filename");
        if (backing == null) {
            return;
        }
        Object full = tree.get("full-backing-filename");
        text.append("backing file: ").append(backing);
        if (full == null) {
            text.append(" (cannot determine actual path)");
        } else if (!full.equals(backing)) {
            text.append(" (actual path: ").append(full).append(')');
        }
        text.append('\n');
        if (tree.containsKey("backing-filename-format")) {
            text.append("backing file format: ")
                    .append(tree.get("backing-filename-format"))
                    .append('\n');
        }
    }

    private static void value(StringBuilder text, Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> member : QemuJson.inHashOrder(map)) {
                line(text, String.valueOf(member.getKey()).replace('-', ' '), member.getValue(), depth);
            }
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                line(text, "[" + i + "]", list.get(i), depth);
            }
        }
    }

    private static void line(StringBuilder text, String label, Object value, int depth) {
        text.append(" ".repeat(4 * depth)).append(label).append(':');
        if (value instanceof Map || value instanceof List) {
            text.append('\n');
            value(text, value, depth + 1);
        } else {
            text.append(' ').append(value).append('\n');
        }
    }
}
