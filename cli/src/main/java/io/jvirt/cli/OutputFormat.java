// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.JvirtException;

/** The values of {@code -o}. */
public enum OutputFormat {
    TABLE,
    JSON,
    YAML,
    NAME;

    static OutputFormat parse(String value) {
        return switch (value) {
            case "table" -> TABLE;
            case "json" -> JSON;
            case "yaml" -> YAML;
            case "name" -> NAME;
            default ->
                throw JvirtException.usage(
                        "unknown output format '" + value + "'", "-o takes table, json, yaml or name");
        };
    }
}
