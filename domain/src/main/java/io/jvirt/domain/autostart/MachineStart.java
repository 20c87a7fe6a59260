// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.autostart.Probe.ConsoleText;
import io.jvirt.domain.console.ConsoleSession;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStatus;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.power.PowerOn;
import io.jvirt.domain.power.PowerResult;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The start of one machine and its way to readiness. */
final class MachineStart implements AutoCloseable {
    /** Whether it was this run that started it. */
    enum Started {
        NOW,
        BEFORE
    }

    /** VIR_DOMAIN_PAUSED_STARTING_UP. */
    private static final int PAUSED_STARTING_UP = 11;

    private static final Duration STARTING_UP_LIMIT = Duration.ofSeconds(60);

    private final Host host;
    private final String name;
    private final @Nullable Probe probe;
    private final Duration timeout;
    private final Cancellation cancellation;
    private final Domain domain;
    private @Nullable ConsoleSession console;

    /**
     * @param probe null where it is ready as soon as it runs
     * @param timeout for the probe
     */
    MachineStart(Host host, String name, @Nullable Probe probe, Duration timeout, Cancellation cancellation) {
        this.host = host;
        this.name = name;
        this.probe = probe;
        this.timeout = timeout;
        this.cancellation = cancellation;
        this.domain = host.findDomain(name);
    }

    Started start() {
        cancellation.check();
        if (probe instanceof ConsoleText) {
            return startWatched();
        }
        try {
            return PowerOn.start(host, name, false).result() == PowerResult.Outcome.STARTED
                    ? Started.NOW
                    : Started.BEFORE;
        } catch (JvirtException e) {
            return beforeOrThrow(e);
        }
    }

    /** Paused until its console is open: its first words would be lost. */
    private Started startWatched() {
        awaitStartedUp();
        boolean leftPaused =
                domain.status().state() == DomainState.PAUSED && StartMarks.isStarting(VmMetadata.ofRunning(domain));
        if (!leftPaused) {
            if (domain.isActive()) {
                return beforeOrThrow(null);
            }
            VmMetadata.change(domain, metadata -> StartMarks.markStarting(metadata, true));
            try {
                PowerResult result = PowerOn.start(host, name, true);
                if (result.result() != PowerResult.Outcome.STARTED) {
                    return Started.BEFORE;
                }
            } catch (JvirtException e) {
                return beforeOrThrow(e);
            }
        }
        try {
            console = ConsoleSession.open(host, domain, null, false);
        } finally {
            domain.resume();
            VmMetadata.change(domain, metadata -> StartMarks.markStarting(metadata, false));
        }
        return Started.NOW;
    }

    /** While libvirt starts a machine, for whoever asked, it counts as paused for a moment, and has no console yet. */
    private void awaitStartedUp() {
        boolean unused = Waiting.until(() -> !isStartingUp(), STARTING_UP_LIMIT, cancellation);
    }

    private boolean isStartingUp() {
        DomainStatus status = domain.status();
        return status.state() == DomainState.PAUSED && status.reasonNumber() == PAUSED_STARTING_UP;
    }

    /** libvirt or another command may have been quicker. */
    private Started beforeOrThrow(@Nullable JvirtException failure) {
        awaitStartedUp();
        if (domain.status().state() == DomainState.RUNNING) {
            return Started.BEFORE;
        }
        throw failure != null
                ? failure
                : JvirtException.failed(
                        "domain '" + name + "' is " + domain.status().state().text() + ", not off",
                        "jvirt resume " + ShellWord.quoted(name));
    }

    /** Waits for the machine's probe; what is wrong, or null where it is ready. */
    @Nullable
    String awaitReady() {
        if (probe == null) {
            return null;
        }
        boolean passed = probe instanceof ConsoleText text
                ? awaitText(text)
                : ProbeRun.await(host, name, probe, timeout, cancellation);
        if (passed) {
            return null;
        }
        cancellation.check();
        return domain.isActive()
                ? probe.text() + " did not pass within " + timeout.toSeconds() + " s"
                : "it went off before " + probe.text() + " passed";
    }

    private boolean awaitText(ConsoleText text) {
        ConsoleSession open = console;
        if (open == null) {
            // Started before: a run that saw the text has left a mark in the running machine.
            if (StartMarks.isConsoleSeen(VmMetadata.ofRunning(domain), text.expected())) {
                return true;
            }
            open = ConsoleSession.open(host, domain, null, false);
            console = open;
        }
        boolean seen = open.awaitText(text.expected(), timeout, cancellation);
        if (seen) {
            VmMetadata.changeRunning(domain, running -> StartMarks.markConsoleSeen(running, text.expected()));
        }
        return seen;
    }

    @Override
    public void close() {
        if (console != null) {
            console.close();
        }
        domain.close();
    }
}
