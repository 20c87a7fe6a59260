// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.file.ProcessPriority;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One verb of {@code jvirt disk}. */
abstract class Verb {
    /** Codes of long options without a letter, from here on. */
    static final int LONG = 256;

    static final int OBJECT = LONG;
    static final int IMAGE_OPTS = LONG + 1;
    static final int OUTPUT = LONG + 2;
    static final int NICE = LONG + 3;

    static final GetOpt.Long HELP_OPTION = GetOpt.flag("help", 'h');
    static final GetOpt.Long OBJECT_OPTION = GetOpt.valued("object", OBJECT);
    static final GetOpt.Long IMAGE_OPTS_OPTION = GetOpt.flag("image-opts", IMAGE_OPTS);
    static final GetOpt.Long OUTPUT_OPTION = GetOpt.valued("output", OUTPUT);
    static final GetOpt.Long NICE_OPTION = GetOpt.flag("nice", NICE);
    static final GetOpt.Long SHARE_OPTION = GetOpt.flag("force-share", 'U');

    private String name = "";
    private @Nullable Console console;
    private final Secrets secrets = new Secrets();

    /** The verb of a name, or null. Only its own class is loaded. */
    static @Nullable Verb named(String name) {
        return switch (name) {
            case "create" -> new CreateVerb();
            case "info" -> new InfoVerb();
            case "map" -> new MapVerb();
            case "convert" -> new ConvertVerb();
            case "compare" -> new CompareVerb();
            case "compact" -> new CompactVerb();
            case "digest" -> new DigestVerb();
            case "resize" -> new ResizeVerb();
            case "measure" -> new MeasureVerb();
            case "check" -> new CheckVerb();
            case "dd" -> new DdVerb();
            case "rebase" -> new RebaseVerb();
            case "commit" -> new CommitVerb();
            case "amend" -> new AmendVerb();
            case "snapshot" -> new SnapshotVerb();
            case "bitmap" -> new BitmapVerb();
            case "copy" -> new CopyVerb();
            case "bench" -> new BenchVerb();
            default -> null;
        };
    }

    void start(String verbName, Console verbConsole) {
        name = verbName;
        console = verbConsole;
    }

    /** Does the verb's work; returns the exit code. */
    abstract int run(String[] args) throws IOException;

    Console console() {
        if (console == null) {
            throw new IllegalStateException("the verb was not started");
        }
        return console;
    }

    Secrets secrets() {
        return secrets;
    }

    /** The next option that the verb itself must look at; help, {@code --object} and mistakes are dealt with here. */
    int next(GetOpt options) throws IOException {
        while (true) {
            int option = options.next();
            switch (option) {
                case GetOpt.MISSING ->
                    throw console().usage("missing argument for option '" + options.culprit(name) + "'");
                case GetOpt.UNKNOWN -> throw console().usage("unrecognized option '" + options.culprit(name) + "'");
                case 'h' -> throw new VerbExit(Help.verb(console(), name));
                case NICE -> ProcessPriority.yieldToOthers();
                case OBJECT -> secrets.add(console(), options.argument(), failureCode());
                default -> {
                    return option;
                }
            }
        }
    }

    /** The exit code of a failure that has none of its own. */
    int failureCode() {
        return 1;
    }

    /** The one operand that is expected. */
    String fileOperand(GetOpt options) {
        if (options.operands().size() != 1) {
            throw console().usage("Expecting one image file name");
        }
        return options.operands().get(0);
    }

    /** True for {@code --output json}. */
    boolean wantsJson(@Nullable String output) {
        if (output == null || output.equals("human")) {
            return false;
        }
        if (output.equals("json")) {
            return true;
        }
        throw console().fail("--output must be used with human or json as argument.");
    }

    /** Prints unless quiet. */
    void say(boolean quiet, String text) {
        if (!quiet) {
            console().print(text);
        }
    }
}
