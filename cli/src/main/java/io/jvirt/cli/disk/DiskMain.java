// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The way into {@code jvirt disk}, and into the same tool called through a link named {@code qemu-img}. */
public final class DiskMain {
    /** What begins each message where no other tool's name is meant. */
    public static final String NAME = "jvirt disk";

    /** The qemu-img whose options and texts these are. */
    static final String COMPATIBLE_VERSION = "7.2";

    private DiskMain() {}

    /**
     * Runs one verb.
     *
     * @param program the name that begins each message
     * @param args the words behind {@code disk}
     * @return the exit code, qemu-img's for the same case
     */
    public static int run(String program, String[] args, PrintStream out, PrintStream err) {
        return run(program, args, out, err, null);
    }

    /** @param descriptor what {@code out} writes to, or null when only {@code out} knows */
    public static int run(
            String program, String[] args, PrintStream out, PrintStream err, @Nullable FileDescriptor descriptor) {
        Console console = new Console(program, out, err, isTerminal(), descriptor);
        int code;
        try {
            code = dispatch(console, args);
        } catch (VerbExit e) {
            code = e.code();
        } catch (UnsupportedOperationException e) {
            code = unsupported(console, e);
        } catch (IOException e) {
            code = console.failed("", e).code();
        }
        console.flush();
        // Main sees why its own output failed; a reader that has gone away is no failure there.
        if (descriptor == null && console.outputFailed() && code == 0) {
            console.error("standard output could not be written");
            code = 1;
        }
        return code;
    }

    private static int dispatch(Console console, String[] args) throws IOException {
        if (args.length == 0) {
            throw console.usage("Not enough arguments");
        }
        GetOpt options = new GetOpt(
                args, "+hVT:", GetOpt.flag("help", 'h'), GetOpt.flag("version", 'V'), GetOpt.valued("trace", 'T'));
        for (int option = options.next(); option != GetOpt.END; option = options.next()) {
            switch (option) {
                case 'h' -> {
                    return Help.general(console);
                }
                case 'V' -> {
                    console.println(console.program() + " version " + COMPATIBLE_VERSION + " (jvirt)");
                    return 0;
                }
                case 'T' -> throw new UnsupportedOperationException("option '-T'");
                case GetOpt.MISSING ->
                    throw console.usage("missing argument for option '" + options.culprit(console.program()) + "'");
                default -> throw console.usage("unrecognized option '" + options.culprit(console.program()) + "'");
            }
        }
        String[] words = options.operands().toArray(new String[0]);
        if (words.length == 0) {
            return 0;
        }
        Verb verb = Verb.named(words[0]);
        if (verb == null) {
            throw console.usage("Command not found: " + words[0]);
        }
        verb.start(words[0], console);
        try {
            return verb.run(Arrays.copyOfRange(words, 1, words.length));
        } catch (VerbExit e) {
            throw e;
        } catch (UnsupportedOperationException e) {
            unsupported(console, e);
        } catch (IOException e) {
            console.failed("", e);
        } catch (OutOfMemoryError e) {
            console.error("Cannot allocate memory");
        } catch (RuntimeException | StackOverflowError e) {
            StackTraceElement[] stack = e.getStackTrace();
            console.error("internal error: " + e + (stack.length > 0 ? " at " + stack[0] : ""));
        }
        return verb.failureCode();
    }

    private static int unsupported(Console console, UnsupportedOperationException e) {
        console.error(e.getMessage() + ": not supported by this version of jvirt");
        return 1;
    }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
