// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.cli.CommandRegistry.Entry;
import io.jvirt.cli.disk.DiskMain;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.Similar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** From a command line to an exit code: finds the command, parses, runs, prints what went wrong. */
public final class Dispatcher {
    private final Stdio stdio;
    private final Cancellation cancellation;

    public Dispatcher(Stdio stdio, Cancellation cancellation) {
        this.stdio = stdio;
        this.cancellation = cancellation;
    }

    public int run(String... args) {
        boolean hasStackTrace = Arrays.asList(args).contains("--stacktrace");
        try {
            return dispatch(args);
        } catch (Exception | StackOverflowError | LinkageError failure) {
            return ErrorText.print(failure, stdio.err(), hasStackTrace).value();
        }
    }

    private int dispatch(String[] args) throws Exception {
        int at = commandIndex(args);
        for (int i = 0; i < at; i++) {
            switch (args[i]) {
                case "-h", "--help" -> {
                    return answer(TopLevelHelp.text());
                }
                case "-V", "--version" -> {
                    return answer("jvirt " + Version.jvirt() + "\n");
                }
                default -> {
                    i += GlobalOptions.takesValue(args[i]) ? 1 : 0;
                }
            }
        }
        if (at == args.length && at > 0) {
            throw noCommand(args);
        }
        if (at == args.length) {
            stdio.err().print(TopLevelHelp.text());
            return ExitCode.USAGE.value();
        }
        if (args[at].equals("disk")) {
            if (at > 0) {
                throw JvirtException.usage(
                        "'disk' takes its options after its verb", "jvirt disk VERB [OPTION…], as qemu-img does");
            }
            return DiskMain.run(DiskMain.NAME, Arrays.copyOfRange(args, 1, args.length), stdio.out(), stdio.err());
        }
        return runCommand(args, at);
    }

    private static JvirtException noCommand(String[] args) {
        for (int i = 0; i < args.length; i++) {
            String name = args[i].replaceFirst("=.*", "");
            if (GlobalOptions.takesValue(args[i])) {
                i++;
            } else if (!GlobalOptions.isKnown(name)) {
                return JvirtException.usage(
                        "unknown option '" + name + "'", "'jvirt --help' lists the commands and options");
            }
        }
        return JvirtException.usage("there is no command", "'jvirt --help' lists the commands");
    }

    /** Where the command's name stands: behind the global options that precede it. */
    private static int commandIndex(String[] args) {
        int at = 0;
        while (at < args.length && args[at].startsWith("-") && args[at].length() > 1) {
            at += GlobalOptions.takesValue(args[at]) ? 2 : 1;
        }
        return Math.min(at, args.length);
    }

    private int runCommand(String[] args, int at) throws Exception {
        String first = args[at];
        int words = 2;
        CliCommand command = at + 1 < args.length ? CommandRegistry.create(first + " " + args[at + 1]) : null;
        if (command == null) {
            words = 1;
            command = CommandRegistry.create(first);
        }
        if (command == null) {
            return noSuchCommand(args, at);
        }
        String name = words == 2 ? first + " " + args[at + 1] : first;
        Entry entry = CommandRegistry.find(name);
        if (entry == null) {
            throw new IllegalStateException("command '" + name + "' has no entry");
        }
        List<String> arguments = new ArrayList<>(Arrays.asList(args).subList(0, at));
        arguments.addAll(Arrays.asList(args).subList(at + words, args.length));
        return parseAndRun(entry, command, arguments.toArray(new String[0]));
    }

    private int parseAndRun(Entry entry, CliCommand command, String[] arguments) throws Exception {
        if (command.runsWithoutArguments()) {
            GlobalOptions plain = GlobalOptions.ofPlain(arguments);
            if (plain != null) {
                return command.run(new CommandContext(entry.name(), plain, stdio, cancellation))
                        .value();
            }
        }
        CommandModel model = new CommandModel(entry, command);
        ParseResult parsed;
        try {
            parsed = model.line().parseArgs(arguments);
        } catch (ParameterException e) {
            ErrorText.print(stdio.err(), usageMessage(e), usageHint(e, model, entry));
            return ExitCode.USAGE.value();
        }
        if (parsed.isUsageHelpRequested()) {
            return answer(model.help());
        }
        EmptyValues.refuse(parsed);
        CommandContext context = new CommandContext(entry.name(), GlobalOptions.of(parsed), stdio, cancellation);
        return command.run(context).value();
    }

    private int noSuchCommand(String[] args, int at) {
        String first = args[at];
        List<Entry> under = CommandRegistry.under(first);
        List<String> candidates = new ArrayList<>();
        if (under.isEmpty()) {
            for (Entry entry : CommandRegistry.entries()) {
                String name = entry.name();
                int blank = name.indexOf(' ');
                candidates.add(blank < 0 ? name : name.substring(0, blank));
            }
            throw unknown("jvirt", "", first, PeerWords.command(first), Similar.to(first, candidates));
        }
        String second = at + 1 < args.length ? args[at + 1] : "--help";
        if (second.equals("--help") || second.equals("-h")) {
            return answer(TopLevelHelp.textOf(first, under));
        }
        for (Entry entry : under) {
            candidates.add(entry.name().substring(first.length() + 1));
        }
        String similar = Similar.to(second, candidates);
        String instead = PeerWords.command(first + "-" + second);
        if (instead == null && similar == null) {
            instead = PeerWords.command(first);
        }
        throw unknown("jvirt " + first, first + " ", second, instead, similar);
    }

    /** @param instead what a word of another tool is here, which is surer than a similar one */
    private static JvirtException unknown(
            String parent, String prefix, String word, @Nullable String instead, @Nullable String similar) {
        String hint = similar == null
                ? "'" + parent + " --help' lists the commands"
                : "did you mean '" + parent + " " + similar + "'?";
        return JvirtException.usage("unknown command '" + prefix + word + "'", instead == null ? hint : instead);
    }

    private static String usageMessage(ParameterException e) {
        String message = e.getMessage();
        if (e instanceof OverwrittenOptionException twice
                && twice.getOverwritten() instanceof OptionSpec option
                && option.negatable()) {
            return "the option " + option.longestName() + " is given twice, or with its opposite";
        }
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String argument = unmatched.getUnmatched().get(0);
            return (argument.startsWith("-") ? "unknown option '" : "unexpected argument '") + argument + "'";
        }
        return message == null || message.isEmpty()
                ? "wrong usage"
                : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }

    private static String usageHint(ParameterException e, CommandModel model, Entry entry) {
        String seeHelp = "'jvirt " + entry.name() + " --help' shows options and examples";
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String argument = unmatched.getUnmatched().get(0);
            if (argument.startsWith("-")) {
                int equals = argument.indexOf('=');
                String option = equals < 0 ? argument : argument.substring(0, equals);
                String instead = PeerWords.option(entry.name(), option);
                if (instead != null) {
                    return instead;
                }
                String similar = Similar.to(
                        option, model.line().getCommandSpec().optionsMap().keySet());
                if (argument.equals(similar)) {
                    return "what stands behind -- is no option: put it before";
                }
                return similar == null ? seeHelp : "did you mean '" + similar + "'? " + seeHelp;
            }
        }
        return seeHelp;
    }

    private int answer(String text) {
        stdio.out().print(text);
        return ExitCode.DONE.value();
    }
}
