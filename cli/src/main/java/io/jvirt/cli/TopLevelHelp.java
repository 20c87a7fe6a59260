// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.util.ArrayList;
import java.util.List;

/** {@code jvirt --help}, and the help of a first word such as {@code pool}: from the registry, no command is built. */
final class TopLevelHelp {
    private static final int NAME_COLUMN = 24;
    private static final int OPTION_COLUMN = 26;

    static String text() {
        StringBuilder text = new StringBuilder(2048);
        text.append("Usage: jvirt [-c URI|HOST] [-o table|json|yaml|name] [-q] [-v] COMMAND ...\n\n")
                .append("KVM/QEMU virtual machines through libvirt, and their qcow2 and raw disks.\n");
        for (CommandGroup group : CommandGroup.values()) {
            append(text, group.title(), entriesOf(group));
        }
        text.append("\nOptions (before or after the command):\n");
        for (String[] option : GlobalOptions.HELP) {
            line(text, option[0], option[1], OPTION_COLUMN);
        }
        return text.append("\n'jvirt COMMAND --help' shows a command's options and examples.\n")
                .toString();
    }

    static String textOf(String word, List<CommandRegistry.Entry> entries) {
        StringBuilder text = new StringBuilder("Usage: jvirt " + word + " COMMAND ...\n");
        append(text, "Commands", entries);
        return text.append("\n'jvirt " + word + " COMMAND --help' shows a command's options and examples.\n")
                .toString();
    }

    private static List<CommandRegistry.Entry> entriesOf(CommandGroup group) {
        List<CommandRegistry.Entry> entries = new ArrayList<>();
        for (CommandRegistry.Entry entry : CommandRegistry.entries()) {
            if (entry.group() == group) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static void append(StringBuilder text, String title, List<CommandRegistry.Entry> entries) {
        boolean hasTitle = false;
        for (CommandRegistry.Entry entry : entries) {
            if (entry.isHidden()) {
                continue;
            }
            if (!hasTitle) {
                text.append('\n').append(title).append(":\n");
                hasTitle = true;
            }
            line(text, entry.name(), entry.summary(), NAME_COLUMN);
        }
    }

    private static void line(StringBuilder text, String left, String right, int column) {
        text.append("  ")
                .append(left)
                .append(" ".repeat(Math.max(1, column - left.length())))
                .append(right)
                .append('\n');
    }

    private TopLevelHelp() {}
}
