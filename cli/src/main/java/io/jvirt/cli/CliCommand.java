// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.util.List;

/**
 * One command. The class carries picocli's {@code @Command}, {@code @Option} and {@code @Parameters}; it is built, and its
 * model read, only when it is called. See the package's documentation for how to add one.
 */
public interface CliCommand {
    /** Does the work. Failures are thrown: a JvirtException or StorageException is printed with its hint. */
    ExitCode run(CommandContext context) throws Exception;

    /**
     * Whether the command is whole without arguments of its own. It then starts without its picocli model (half of a short
     * command's time) where the line holds global options only.
     */
    default boolean runsWithoutArguments() {
        return false;
    }

    /** At least one; shown at the end of the command's help, and parsed by a test. */
    List<Example> examples();

    /**
     * A command line that works as it stands.
     *
     * @param line what the user types, starting with {@code jvirt}
     * @param meaning what it does, in a few words
     */
    record Example(String line, String meaning) {}
}
