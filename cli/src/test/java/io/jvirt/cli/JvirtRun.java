// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A command line run inside the test, with its streams captured.
 *
 * <p>{@code JvirtRun.of("version", "-o", "json")}, or with a reply on a terminal:
 * {@code JvirtRun.onTerminal("y\n", "delete", "web")}.
 */
public record JvirtRun(int exit, String out, String err) {
    public static JvirtRun of(String... args) {
        return run("", false, args);
    }

    /** A line as a user types it; blanks separate, there is no quoting. */
    public static JvirtRun line(String line) {
        String[] words = line.split(" +");
        if (!words[0].equals("jvirt")) {
            throw new IllegalArgumentException("not a jvirt command line: " + line);
        }
        String[] args = new String[words.length - 1];
        System.arraycopy(words, 1, args, 0, args.length);
        return of(args);
    }

    public static JvirtRun onTerminal(String typed, String... args) {
        return run(typed, true, args);
    }

    /** With these environment variables. */
    public static JvirtRun with(Map<String, String> environment, String... args) {
        return run("", false, environment, args);
    }

    private static JvirtRun run(String typed, boolean isTerminal, String... args) {
        return run(typed, isTerminal, Map.of(), args);
    }

    private static JvirtRun run(String typed, boolean isTerminal, Map<String, String> environment, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Stdio stdio = new Stdio(
                new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                isTerminal,
                isTerminal,
                isTerminal);
        int exit = new Dispatcher(stdio, new Cancellation()).run(args);
        return new JvirtRun(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
