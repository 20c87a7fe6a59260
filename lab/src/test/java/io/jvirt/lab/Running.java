// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A command that runs in a host: its output is collected while it runs, so that a test can wait for a text in it. */
final class Running implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder err = new StringBuilder();
    private final Thread outReader;
    private final Thread errReader;

    private Running(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.outReader = collect(process.getInputStream(), out);
        this.errReader = collect(process.getErrorStream(), err);
    }

    /** @param shown the command as failures tell it */
    static Running start(ProcessBuilder command, List<String> shown) {
        try {
            return new Running(shown, command.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the output holds the text; returns the output so far. */
    String expect(String text, Duration patience) {
        return expect(text, patience, outReader, this::out);
    }

    /** Waits until the error output holds the text. */
    String expectError(String text, Duration patience) {
        return expect(text, patience, errReader, this::err);
    }

    private String expect(String text, Duration patience, Thread reader, Supplier<String> stream) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            boolean ended = !reader.isAlive();
            String seen = stream.get();
            if (seen.contains(text)) {
                return seen;
            }
            if (ended || System.nanoTime() > deadline) {
                throw new AssertionError((ended ? "ended" : "waited " + patience.toSeconds() + " s") + " without '"
                        + text + "':\n" + this);
            }
            pause();
        }
    }

    Running send(String text) {
        try {
            process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            // It has ended: how, and its last words, may not have come yet.
            throw new AssertionError("ended: " + await(Duration.ofSeconds(10)), e);
        }
        return this;
    }

    Running closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It ended without reading: its exit code tells.
        }
        return this;
    }

    Outcome await(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                close();
                throw new AssertionError("does not end in " + patience.toSeconds() + " s:\n" + this);
            }
            // A daemon that the command started may keep the pipes open.
            outReader.join(5_000);
            errReader.join(5_000);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Outcome(command, process.exitValue(), out(), err());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Lets so much time pass, or less where it ends before; answers whether it still runs. */
    boolean isAliveAfter(long millis) {
        try {
            return !process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a signal to jvirt's own process in the host, as {@code kill} there would: KILL, INT, TERM. */
    void signal(String name) {
        // The launcher becomes jvirt soon.
        long deadline = System.nanoTime() + LabHost.PATIENCE.toNanos();
        while (process.isAlive() && !isJava(own())) {
            assertThat(System.nanoTime()).as("no JVM: %s", this).isLessThan(deadline);
            pause();
        }
        kill(name);
    }

    /** The same to a program that is not jvirt. */
    void signalProgram(String name) {
        assertThat(isJava(own())).as("%s", this).isFalse();
        kill(name);
    }

    private void kill(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(own().pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * In the line lab (bash) → nsenter → launcher, which becomes jvirt: its Java virtual machine, where there is one, else the
     * end of the line. The virtual machine's own children, such as an ssh, are none of it.
     */
    private ProcessHandle own() {
        ProcessHandle last = process.toHandle();
        while (!isJava(last)) {
            ProcessHandle next = last.children().findFirst().orElse(null);
            if (next == null) {
                break;
            }
            last = next;
        }
        return last;
    }

    private static boolean isJava(ProcessHandle handle) {
        return handle.info().command().orElse("").endsWith("/java");
    }

    /** Ends the command and all that it started. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    String out() {
        synchronized (out) {
            return out.toString();
        }
    }

    String err() {
        synchronized (err) {
            return err.toString();
        }
    }

    @Override
    public String toString() {
        return String.join(" ", command) + "\n--- out\n" + out() + "\n--- err\n" + err();
    }

    static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Thread collect(InputStream stream, StringBuilder into) {
        Thread thread = new Thread(() -> {
            byte[] buffer = new byte[8192];
            try {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    synchronized (into) {
                        into.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    }
                }
            } catch (IOException e) {
                // The stream closes with the process.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
