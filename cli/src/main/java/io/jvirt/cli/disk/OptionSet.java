// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values for a format's options, each checked against its {@link OptionSpec}. The last value of a name counts. */
final class OptionSet {
    private final List<OptionSpec> specs;
    private final Map<String, String> values = new HashMap<>();

    OptionSet(List<OptionSpec> specs) {
        this.specs = specs;
    }

    /** Takes a list as given with {@code -o}. */
    void parse(String list) throws StorageException {
        for (OptionList.Pair pair : OptionList.parse(list, null)) {
            if (!pair.name().equals("id")) {
                set(pair.name(), pair.value());
            }
        }
    }

    void set(String name, String value) throws StorageException {
        OptionSpec spec = spec(name);
        if (spec == null) {
            throw new StorageException("Invalid parameter '" + name + "'");
        }
        switch (spec.type()) {
            case STRING -> {}
            case BOOL -> bool(name, value);
            case NUMBER -> number(name, value);
            case SIZE -> size(name, value);
        }
        values.put(name, value);
    }

    boolean knows(String name) {
        return spec(name) != null;
    }

    private @Nullable OptionSpec spec(String name) {
        for (OptionSpec spec : specs) {
            if (spec.name().equals(name)) {
                return spec;
            }
        }
        return null;
    }

    boolean isSet(String name) {
        return values.containsKey(name);
    }

    /** The value, or the option's standard value, or null. */
    @Nullable
    String get(String name) {
        String value = values.get(name);
        if (value == null) {
            OptionSpec spec = spec(name);
            value = spec == null ? null : spec.standard();
        }
        return value;
    }

    boolean getBool(String name) throws StorageException {
        String value = get(name);
        return value != null && bool(name, value);
    }

    long getSize(String name, long otherwise) throws StorageException {
        String value = get(name);
        return value == null ? otherwise : size(name, value);
    }

    long getNumber(String name, long otherwise) throws StorageException {
        String value = get(name);
        return value == null ? otherwise : number(name, value);
    }

    /** The values in the order of the specifications, as the line {@code Formatting …} shows them. */
    String describe() throws StorageException {
        StringBuilder text = new StringBuilder();
        for (OptionSpec spec : specs) {
            String given = values.get(spec.name());
            String value = given == null ? spec.standard() : given;
            if (value == null) {
                continue;
            }
            if (text.length() > 0) {
                text.append(' ');
            }
            text.append(spec.name()).append('=');
            text.append(
                    switch (spec.type()) {
                        case STRING -> value.replace(",", ",,");
                        case BOOL -> value;
                        case NUMBER -> given == null ? value : Long.toString(number(spec.name(), value));
                        case SIZE -> given == null ? value : Long.toString(size(spec.name(), value));
                    });
        }
        return text.toString();
    }

    /** The help of a set of options: its lines in order of their text. */
    static String help(List<OptionSpec> specs) {
        String[] lines = new String[specs.size()];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = specs.get(i).helpLine();
        }
        Arrays.sort(lines);
        return String.join("\n", lines) + "\n";
    }

    private static boolean bool(String name, String value) throws StorageException {
        return switch (value) {
            case "on", "yes", "true", "y" -> true;
            case "off", "no", "false", "n" -> false;
            default -> throw new StorageException("Parameter '" + name + "' expects 'on' or 'off'");
        };
    }

    private static long number(String name, String value) throws StorageException {
        String digits = value.strip();
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int radix = 10;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            radix = 16;
            digits = digits.substring(2);
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            radix = 8;
        }
        if (digits.isEmpty() || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new StorageException("Parameter '" + name + "' expects a number");
        }
        try {
            long number = Long.parseUnsignedLong(digits, radix);
            return negative ? -number : number;
        } catch (NumberFormatException e) {
            boolean wellFormed = true;
            for (int i = 0; i < digits.length(); i++) {
                wellFormed &= Character.digit(digits.charAt(i), radix) >= 0;
            }
            throw new StorageException(
                    wellFormed
                            ? "Value '" + value + "' is too large for parameter '" + name + "'"
                            : "Parameter '" + name + "' expects a number");
        }
    }

    static long size(String name, String value) throws StorageException {
        try {
            return Sizes.parse(value);
        } catch (Sizes.BadSize e) {
            if (e.fault() == Sizes.Fault.OUT_OF_RANGE) {
                throw new StorageException("Value '" + value + "' is out of range for parameter '" + name + "'");
            }
            throw new PeerException(
                    "Parameter '" + name + "' expects a non-negative number below 2^64",
                    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
                            + "and exabytes, respectively.");
        }
    }
}
