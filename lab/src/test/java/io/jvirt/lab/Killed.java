// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A verb that is cut off in its middle: strace holds the n-th sync of one of its threads up, and meanwhile it is killed.
 *
 * <p>strace could send the signal itself, but not with filters in the kernel (--seccomp-bpf), and without them a verb takes
 * several times as long.
 */
final class Killed {
    /** More syncs than a verb has: a loop that ends here never saw the verb finish. */
    private static final int MOST_SYNCS = 120;

    /** 128 and the signal's number, as shells have it. */
    private static final int KILLED = 137;

    private static final long LONG_MICROS = 100_000_000;
    private static final Pattern BEGUN = Pattern.compile("sync\\(");
    private static final Pattern ENDED = Pattern.compile("sync(\\(| resumed).*\\) += ");

    private Killed() {}

    /** What is to hold after a kill; {@code when} is for messages. */
    @FunctionalInterface
    interface After {
        void check(String when);
    }

    /** Lets a verb end; the syncs of the thread that has most: those that {@code atSync} counts. */
    static int syncs(LabHost host, Map<String, String> environment, String... verb) {
        try {
            Path log = Files.createTempFile("jvirt-lab-syncs", ".log");
            try (Running running = host.start(traced(log, MOST_SYNCS, LONG_MICROS, verb), environment)
                    .closeInput()) {
                running.await(LabHost.PATIENCE).ok();
                Map<String, Long> ofThreads = Files.readAllLines(log).stream()
                        .filter(line -> BEGUN.matcher(line).find())
                        .collect(Collectors.groupingBy(line -> line.split(" ", 2)[0], Collectors.counting()));
                assertThat(ofThreads).as("syncs of %s", String.join(" ", verb)).isNotEmpty();
                return Math.toIntExact(Collections.max(ofThreads.values()));
            } finally {
                Files.delete(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Killed with -9 as it enters its n-th sync; exit code 0 where it has not so many. */
    static Outcome atSync(LabHost host, int n, String... verb) {
        return atSync(host, n, Map.of(), verb);
    }

    static Outcome atSync(LabHost host, int n, Map<String, String> environment, String... verb) {
        Outcome outcome = atSync(host, n, LONG_MICROS, Killed::kill, environment, verb);
        assertThat(outcome.exit()).as("killed, or done: %s", outcome).isIn(0, KILLED);
        assertThat(n).as("the verb never ends: %s", outcome).isLessThan(MOST_SYNCS);
        return outcome;
    }

    /** And then strace, which would wait on. */
    private static void kill(Running running) {
        running.signal("KILL");
        running.close();
    }

    /** What is done to the verb, or to others, while it waits. */
    @FunctionalInterface
    interface Blow {
        void strike(Running running);
    }

    /** Holds it up for some time at its n-th sync and strikes meanwhile; then it goes on. */
    static Outcome atSync(LabHost host, int n, long micros, Blow blow, String... verb) {
        return atSync(host, n, micros, blow, Map.of(), verb);
    }

    private static Outcome atSync(
            LabHost host, int n, long micros, Blow blow, Map<String, String> environment, String... verb) {
        try {
            Path log = Files.createTempFile("jvirt-lab-syncs", ".log");
            try (Running running =
                    host.start(traced(log, n, micros, verb), environment).closeInput()) {
                String held = null;
                while (running.isAlive()) {
                    Running.pause();
                    String now = Files.readString(log);
                    long begun = BEGUN.matcher(now).results().count();
                    boolean isHeld =
                            begun >= n && begun > ENDED.matcher(now).results().count();
                    // One that only takes its time has ended by the next look.
                    if (isHeld && now.equals(held)) {
                        blow.strike(running);
                        return running.await(LabHost.PATIENCE);
                    }
                    held = isHeld ? now : null;
                }
                return running.await(LabHost.PATIENCE);
            } finally {
                Files.delete(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> traced(Path log, int n, long micros, String... verb) {
        List<String> command = new ArrayList<>(List.of(
                "strace",
                "-f",
                "-qq",
                "--seccomp-bpf",
                "-o",
                log.toString(),
                "-e",
                "signal=none",
                "-e",
                "trace=fsync,fdatasync",
                "-e",
                "inject=fsync,fdatasync:delay_enter=" + micros + ":when=" + n));
        command.addAll(Jvirt.command(verb));
        return command;
    }

    /** Kills the verb at its first sync, then at each {@code stride}-th further one, until it ends by itself. */
    static void atSyncs(LabHost host, int first, int stride, After after, String... verb) {
        int n = first;
        for (; atSync(host, n, verb).exit() != 0; n += stride) {
            after.check(verb[0] + " killed at sync " + n);
        }
        assertThat(n).as("%s was never killed", verb[0]).isGreaterThan(first);
    }
}
