// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.cli.Stdio;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.console.ConsoleEnd;
import io.jvirt.domain.console.ConsoleScript;
import io.jvirt.domain.console.ConsoleSession;
import io.jvirt.domain.console.SilentGuest;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A person or a script on a guest's console. */
final class ConsoleDialogue {
    private static final long SILENCE_MILLIS = 5000;

    private final CommandContext context;
    private final Host host;
    private final Domain domain;
    private final @Nullable Path log;

    ConsoleDialogue(CommandContext context, Host host, Domain domain) {
        this(context, host, domain, null);
    }

    /** @param log takes what the guest says too; null for none */
    ConsoleDialogue(CommandContext context, Host host, Domain domain, @Nullable Path log) {
        this.context = context;
        this.host = host;
        this.domain = domain;
        this.log = log;
    }

    /** @param resume the domain was started paused, so that nothing it says is lost: let it run now */
    ExitCode run(@Nullable String device, boolean force, @Nullable Duration limit, boolean resume) throws IOException {
        Stdio stdio = context.stdio();
        Cancellation cancellation = context.cancellation();
        boolean person = stdio.isInTerminal();
        ConsoleEnd end;
        try (ConsoleSession console = ConsoleSession.open(host, domain, device, force);
                ConsoleOutput out = ConsoleOutput.to(stdio.out(), log)) {
            if (resume) {
                domain.resume();
            }
            if (!person) {
                end = console.relay(stdio.in(), out.stream(), false, limit, cancellation);
                if (end == ConsoleEnd.TIME_UP && !console.hasHeard()) {
                    SilentGuest.advice(domain).forEach(context::note);
                }
            } else {
                context.note("console of '" + domain.name() + "'; Ctrl-] leaves");
                end = talk(console, stdio, out, limit, cancellation);
            }
        }
        if (end == ConsoleEnd.CLOSED && !host.isAlive()) {
            throw JvirtException.failed(
                    "the connection to " + host.uri() + " was lost; the guest may still run",
                    "when the host answers again: jvirt -c " + ShellWord.quoted(host.uri()) + " console "
                            + ShellWord.quoted(domain.name()));
        }
        if (person) {
            context.note(sentence(end));
        }
        return end == ConsoleEnd.CANCELLED ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }

    ExitCode script(@Nullable String device, boolean force, ConsoleScript script) throws IOException {
        try (ConsoleSession console = ConsoleSession.open(host, domain, device, force);
                ConsoleOutput out = ConsoleOutput.to(context.stdio().out(), log)) {
            script.run(console, domain, out.stream(), context.cancellation());
        }
        return ExitCode.DONE;
    }

    private ConsoleEnd talk(
            ConsoleSession console,
            Stdio stdio,
            ConsoleOutput out,
            @Nullable Duration limit,
            Cancellation cancellation) {
        try (RawTerminal terminal = RawTerminal.enter()) {
            cancellation.onRequest(terminal::close);
            watchForSilence(console, stdio);
            return console.relay(stdio.in(), out.stream(), true, limit, cancellation);
        } finally {
            stdio.err().print("\n");
        }
    }

    /** Many a guest is silent because its kernel was never told of the serial port. */
    private void watchForSilence(ConsoleSession console, Stdio stdio) {
        List<String> advice = SilentGuest.advice(domain);
        Thread watch = new Thread(
                () -> {
                    try {
                        Thread.sleep(SILENCE_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                    if (!console.hasHeard()) {
                        // Raw mode: a line feed alone does not return to the margin.
                        advice.forEach(line -> stdio.err().print("jvirt: " + line + "\r\n"));
                    }
                },
                "console-silence");
        watch.setDaemon(true);
        watch.start();
    }

    private String sentence(ConsoleEnd end) {
        return switch (end) {
            case LEFT -> "left the console of '" + domain.name() + "'";
            case TIME_UP -> "left the console of '" + domain.name() + "' after the time limit";
            case CLOSED, NO_READER, CANCELLED -> "the console of '" + domain.name() + "' is closed";
        };
    }
}
