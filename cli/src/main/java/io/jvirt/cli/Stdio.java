// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command line run talks to: the process's streams, or a test's.
 *
 * @param in standard input
 * @param out standard output: answers
 * @param err standard error: errors, notes, progress, prompts
 * @param env the environment
 * @param isInTerminal whether a person can answer
 * @param isOutTerminal whether a person reads the answer
 * @param isErrTerminal whether a person sees progress
 */
public record Stdio(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> env,
        boolean isInTerminal,
        boolean isOutTerminal,
        boolean isErrTerminal) {

    /** Whether a file descriptor of this process is a terminal; System.console() knows only about both 0 and 1. */
    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (java.io.IOException noSuchDescriptor) {
            return false;
        }
    }
}
