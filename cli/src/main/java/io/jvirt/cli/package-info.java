// SPDX-License-Identifier: Apache-2.0
/**
 * The command line: the only place that knows picocli, prints, and ends the process.
 *
 * <h2>From a command line to an exit code</h2>
 *
 * {@link io.jvirt.cli.Main} owns the process's streams and signals. {@link io.jvirt.cli.Dispatcher} looks the command up in
 * {@link io.jvirt.cli.CommandRegistry}, builds the picocli model of that command only, parses, and runs it. What it throws
 * becomes {@code jvirt: message}, {@code hint: …} and an {@link io.jvirt.cli.ExitCode}. {@code disk} goes to
 * {@code DiskMain} before any of this: it has its own option parser.
 *
 * <h2>A new command in a minute</h2>
 *
 * <ol>
 *   <li>A class that implements {@link io.jvirt.cli.CliCommand}, with picocli's annotations, in {@code vm}, {@code host} or
 *       {@code general}:
 *       <pre>{@code
 * @Command
 * public final class RenameCommand implements CliCommand {
 *     @Parameters(index = "0", paramLabel = "NAME", description = "The domain.")
 *     private String name = "";
 *
 *     @Option(names = "--to", required = true, paramLabel = "NEW", description = "Its new name.")
 *     private String newName = "";
 *
 *     @Override
 *     public ExitCode run(CommandContext context) throws Exception {
 *         … the domain module does the work …
 *         context.say("Domain '" + name + "' is now '" + newName + "'");
 *         return ExitCode.DONE;
 *     }
 *
 *     @Override
 *     public List<Example> examples() {
 *         return List.of(new Example("jvirt rename web --to web-old", "rename a domain that is off"));
 *     }
 * }
 * }</pre>
 *   <li>One line each in {@code CommandRegistry}'s list (for the help) and switch (for the class), in alphabetical order.
 *   <li>A test of each option (CommandContractTest names an option that no test line uses), and
 *       {@code mvn -pl cli -am test -Djvirt.golden=write} for its help page's golden file.
 * </ol>
 *
 * Answers are {@link io.jvirt.cli.Answer}s: records, which {@link io.jvirt.cli.CommandContext#print} shows as a table, JSON,
 * YAML or names. Other output: {@code context.say} (what was done), {@code note} (what surprises), {@code detail} (-v),
 * {@code progress}, {@code confirm} (with the command's own {@code --yes}). A verb that changes things passes
 * {@code context.cancellation()} down and asks it between its steps.
 */
@NullMarked
package io.jvirt.cli;

import org.jspecify.annotations.NullMarked;
