// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a running command has: its options' common part, the streams, and the ways to answer, note and ask. */
public final class CommandContext {
    private final String command;
    private final GlobalOptions options;
    private final Stdio stdio;
    private final Cancellation cancellation;

    CommandContext(String command, GlobalOptions options, Stdio stdio, Cancellation cancellation) {
        this.command = command;
        this.options = options;
        this.stdio = stdio;
        this.cancellation = cancellation;
    }

    /** Its full name: {@code rename}, {@code pool list}. */
    public String command() {
        return command;
    }

    public GlobalOptions options() {
        return options;
    }

    /** For commands that are streams themselves (console); others answer with {@link #print}. */
    public Stdio stdio() {
        return stdio;
    }

    /** Set when the user asks to stop; a verb that changes things passes it down and asks it between its steps. */
    public Cancellation cancellation() {
        cancellation.watch();
        return cancellation;
    }

    public @Nullable String environment(String name) {
        return stdio.env().get(name);
    }

    public Map<String, String> environment() {
        return stdio.env();
    }

    /** Prints the command's answer in the format that {@code -o} asks for. Once per run. */
    public void print(Answer<?> answer) throws IOException {
        PrintStream out = stdio.out();
        switch (options.output()) {
            case TABLE -> printLines(out, answer.tableLines());
            case NAME -> printLines(out, answer.names());
            case JSON, YAML -> out.print(StructuredText.of(options.output(), command, answer));
        }
    }

    /**
     * Prints one record of a command whose answer is a stream, at once: a line for people, a line of JSON, a YAML document,
     * or a name.
     *
     * @param key the property that holds the record
     */
    public void printOne(String key, Object record, String line, String name) throws IOException {
        PrintStream out = stdio.out();
        switch (options.output()) {
            case TABLE -> out.print(line + "\n");
            case NAME -> out.print(name + "\n");
            case JSON, YAML -> out.print(StructuredText.ofOne(options.output(), command, key, record));
        }
        out.flush();
    }

    /** Whoever reads the answers has gone ({@code | head}): a stream may end. */
    public boolean isReaderGone() {
        return stdio.out().checkError();
    }

    private static void printLines(PrintStream out, Iterable<String> lines) {
        // One call: each goes through all layers of the stream, and a long list is slow by that.
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        out.print(text);
    }

    /** A line on standard output for people: what was done, what comes next. Silent with -q and with -o other than table. */
    public void say(String line) {
        if (!options.isQuiet() && options.output() == OutputFormat.TABLE) {
            stdio.out().print(line + "\n");
        }
    }

    /** A line on standard error that the user should know (a fallback, a surprise). Silent with -q. */
    public void note(String line) {
        if (!options.isQuiet()) {
            stdio.err().print("jvirt: " + line + "\n");
        }
    }

    /** A line on standard error about a step on the way, with -v only. */
    public void detail(String line) {
        if (options.isVerbose()) {
            stdio.err().print(line + "\n");
        }
    }

    /** A job with a known size; close it when done. */
    public Progress progress(String job, long totalBytes) {
        return Progress.start(stdio, options, job, totalBytes, System::nanoTime);
    }

    /**
     * Asks before something that cannot be undone.
     *
     * @param question ends in a question mark
     * @param isYes whether {@code --yes} was given
     */
    public void confirm(String question, boolean isYes) throws IOException {
        if (isYes) {
            return;
        }
        if (!stdio.isInTerminal() || !stdio.isErrTerminal()) {
            throw JvirtException.refused("not confirmed: " + question, "add --yes where nobody can be asked");
        }
        stdio.err().print(question + " [y/N] ");
        stdio.err().flush();
        String reply = new BufferedReader(new InputStreamReader(stdio.in(), StandardCharsets.UTF_8)).readLine();
        String word = reply == null ? "" : reply.strip().toLowerCase(Locale.ROOT);
        if (!word.equals("y") && !word.equals("yes")) {
            throw JvirtException.refused("not confirmed, nothing was changed", null);
        }
    }
}
