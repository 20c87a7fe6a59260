// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import org.jspecify.annotations.Nullable;

/**
 * One {@code name=value} option of a format.
 *
 * @param standard the value that stands when none is given, or null
 */
record OptionSpec(
        String name, Type type, String help, @Nullable String standard) {

    /** What a value may look like; {@code label} as the option's help shows it. */
    enum Type {
        STRING("str"),
        BOOL("bool (on/off)"),
        NUMBER("num"),
        SIZE("size");

        private final String label;

        Type(String label) {
            this.label = label;
        }
    }

    OptionSpec(String name, Type type, String help) {
        this(name, type, help, null);
    }

    /** The line of {@code -o help}. */
    String helpLine() {
        return Numbers.left("  " + name + "=<" + type.label + ">", 24) + " - " + help;
    }
}
