// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.cli.Stdio;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.console.ConsoleEnd;
import io.jvirt.domain.console.ConsoleSession;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A person or a script on a guest's console. */
final class ConsoleDialogue {
    private static final long SILENCE_MILLIS = 5000;

    private final CommandContext context;
    private final Host host;
    private final Domain domain;

    ConsoleDialogue(CommandContext context, Host host, Domain domain) {
        this.context = context;
        this.host = host;
        this.domain = domain;
    }

    /** @param resume the domain was started paused, so that nothing it says is lost: let it run now */
    ExitCode run(@Nullable String device, boolean force, @Nullable Duration limit, boolean resume) {
        Stdio stdio = context.stdio();
        Cancellation cancellation = context.cancellation();
        boolean person = stdio.isInTerminal();
        ConsoleEnd end;
        try (ConsoleSession console = ConsoleSession.open(host, domain, device, force)) {
            if (resume) {
                domain.resume();
            }
            if (!person) {
                end = console.relay(stdio.in(), stdio.out(), false, limit, cancellation);
            } else {
                context.note("console of '" + domain.name() + "'; Ctrl-] leaves");
                end = talk(console, stdio, limit, cancellation);
            }
        }
        if (end == ConsoleEnd.CLOSED && !host.isAlive()) {
            throw JvirtException.failed(
                    "the connection to " + host.uri() + " was lost; the guest may still run",
                    "when the host answers again: jvirt -c " + host.uri() + " console " + domain.name());
        }
        if (person) {
            context.note(sentence(end));
        }
        return end == ConsoleEnd.CANCELLED ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }

    private ConsoleEnd talk(ConsoleSession console, Stdio stdio, @Nullable Duration limit, Cancellation cancellation) {
        try (RawTerminal terminal = RawTerminal.enter()) {
            cancellation.onRequest(terminal::close);
            watchForSilence(console, stdio);
            return console.relay(stdio.in(), stdio.out(), true, limit, cancellation);
        } finally {
            stdio.err().print("\n");
        }
    }

    /** Many a guest is silent because its kernel was never told of the serial port. */
    private static void watchForSilence(ConsoleSession console, Stdio stdio) {
        Thread watch = new Thread(
                () -> {
                    try {
                        Thread.sleep(SILENCE_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                    if (!console.hasHeard()) {
                        stdio.err()
                                .print("jvirt: nothing from the guest yet; press Enter. It stays silent where its"
                                        + " kernel lacks console=ttyS0\r\n");
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
