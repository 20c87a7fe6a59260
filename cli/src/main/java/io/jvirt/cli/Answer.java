// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a command answers: one record or a list of them. A table for people, the same records as JSON or YAML for
 * programs (components become properties, enums lower case, bytes as numbers), or the names alone.
 *
 * @param <T> the record
 */
public final class Answer<T> {
    private final String key;
    private final List<T> records;
    private final boolean isList;
    private final Function<T, String> name;
    private int version = 1;
    private String @Nullable [] header;
    private @Nullable Function<T, String[]> row;
    private @Nullable List<String> lines;

    private Answer(String key, List<T> records, boolean isList, Function<T, String> name) {
        this.key = key;
        this.records = records;
        this.isList = isList;
        this.name = name;
    }

    /**
     * A list; give it a {@link #table}.
     *
     * @param key the property that holds the records in JSON, for instance {@code "domains"}
     * @param name what {@code -o name} prints for a record
     */
    public static <T> Answer<T> list(String key, List<T> records, Function<T, String> name) {
        return new Answer<>(key, records, true, name);
    }

    /** One record; give it {@link #lines}. */
    public static <T> Answer<T> one(String key, T record, String name) {
        return new Answer<>(key, List.of(record), false, r -> name);
    }

    /** The schema's version, where it is no longer 1: a property was removed or means something else. */
    public Answer<T> version(int schemaVersion) {
        this.version = schemaVersion;
        return this;
    }

    /** How {@code -o table} shows a list: headings, and a record's cells. */
    public Answer<T> table(String[] headings, Function<T, String[]> cells) {
        this.header = headings;
        this.row = cells;
        return this;
    }

    /** What {@code -o table} prints instead of a table. */
    public Answer<T> lines(List<String> text) {
        this.lines = text;
        return this;
    }

    String key() {
        return key;
    }

    int version() {
        return version;
    }

    Object value() {
        return isList ? records : records.get(0);
    }

    List<String> names() {
        return records.stream().map(name).toList();
    }

    List<String> tableLines() {
        if (lines != null) {
            return lines;
        }
        if (header == null || row == null) {
            return names();
        }
        TableText table = new TableText(header);
        for (T record : records) {
            table.add(row.apply(record));
        }
        return table.lines();
    }
}
