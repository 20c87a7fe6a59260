// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options that every command takes, before or after its name.
 *
 * @param connect {@code -c}: a libvirt URI or a host's name; null: the default
 * @param output {@code -o}
 * @param isQuiet {@code -q}: answers and errors only
 * @param isVerbose {@code -v}
 * @param hasStackTrace {@code --stacktrace}
 * @param progress {@code --progress}
 */
public record GlobalOptions(
        @Nullable String connect,
        OutputFormat output,
        boolean isQuiet,
        boolean isVerbose,
        boolean hasStackTrace,
        Progress.Mode progress) {

    static final GlobalOptions DEFAULTS =
            new GlobalOptions(null, OutputFormat.TABLE, false, false, false, Progress.Mode.AUTO);

    /** For the top-level help; {@link #addTo} declares the same. */
    static final String[][] HELP = {
        {"-c, --connect URI|HOST", "libvirt to talk to (JVIRT_URI, LIBVIRT_DEFAULT_URI, else the local one)"},
        {"-o, --output FORMAT", "table, json, yaml or name"},
        {"-q, --quiet", "only answers and errors"},
        {"-v, --verbose", "say what is done on the way"},
        {"    --progress MODE", "auto, json (a line a second on stderr) or none"},
        {"    --stacktrace", "show where in the program an error arose"},
        {"-h, --help", "this help, or a command's"},
        {"-V, --version", "the version"},
    };

    /** Whether a global option takes its value from the next argument. */
    static boolean takesValue(String argument) {
        return switch (argument) {
            case "-c", "--connect", "-o", "--output", "--progress" -> true;
            default -> false;
        };
    }

    /** Whether there is such an option, whatever its value. */
    static boolean isKnown(String option) {
        return takesValue(option)
                || switch (option) {
                    case "-q", "--quiet", "-v", "--verbose", "--stacktrace" -> true;
                    default -> option.startsWith("-c") || option.startsWith("-o");
                };
    }

    /** Declared in code: read by reflection, eight options cost milliseconds at each start. */
    static void addTo(CommandSpec spec) {
        spec.addOption(value("URI|HOST", "-c", "--connect"));
        spec.addOption(value("FORMAT", "-o", "--output"));
        spec.addOption(value("MODE", "--progress"));
        spec.addOption(flag("-q", "--quiet").build());
        spec.addOption(flag("-v", "--verbose").build());
        spec.addOption(flag("--stacktrace").build());
        spec.addOption(flag("-h", "--help").usageHelp(true).build());
    }

    private static OptionSpec value(String label, String... names) {
        return OptionSpec.builder(names)
                .type(String.class)
                .paramLabel(label)
                .hidden(true)
                .build();
    }

    private static OptionSpec.Builder flag(String... names) {
        return OptionSpec.builder(names).type(boolean.class).hidden(true);
    }

    /**
     * The options of a command line that holds none but these, read without picocli; null where there is anything else, or
     * anything wrong: picocli then says what.
     */
    static @Nullable GlobalOptions ofPlain(String[] arguments) {
        String connect = null;
        String output = null;
        String progress = null;
        boolean isQuiet = false;
        boolean isVerbose = false;
        boolean hasStackTrace = false;
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (takesValue(argument)) {
                String value = ++i < arguments.length ? arguments[i] : "-";
                boolean isSecond = switch (argument) {
                    case "-c", "--connect" -> connect != null;
                    case "-o", "--output" -> output != null;
                    default -> progress != null;
                };
                if (isSecond || value.isEmpty() || value.startsWith("-")) {
                    return null;
                }
                switch (argument) {
                    case "-c", "--connect" -> connect = value;
                    case "-o", "--output" -> output = value;
                    default -> progress = value;
                }
                continue;
            }
            switch (argument) {
                case "-q", "--quiet" -> isQuiet = true;
                case "-v", "--verbose" -> isVerbose = true;
                case "--stacktrace" -> hasStackTrace = true;
                default -> {
                    return null;
                }
            }
        }
        return new GlobalOptions(
                connect,
                output == null ? OutputFormat.TABLE : OutputFormat.parse(output),
                isQuiet,
                isVerbose,
                hasStackTrace,
                progress == null ? Progress.Mode.AUTO : Progress.Mode.parse(progress));
    }

    static GlobalOptions of(ParseResult parsed) {
        String format = parsed.matchedOptionValue("-o", "table");
        return new GlobalOptions(
                parsed.matchedOptionValue("-c", (String) null),
                OutputFormat.parse(format),
                parsed.hasMatchedOption("-q"),
                parsed.hasMatchedOption("-v"),
                parsed.hasMatchedOption("--stacktrace"),
                Progress.Mode.parse(parsed.matchedOptionValue("--progress", "auto")));
    }
}
