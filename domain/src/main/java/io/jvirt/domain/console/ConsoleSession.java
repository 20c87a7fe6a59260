// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Stream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A guest's console, tied to an input and an output. Two threads carry the bytes; both are left behind where they hang in
 * a read that nobody can end.
 */
public final class ConsoleSession implements AutoCloseable {
    /** Ctrl-], as in telnet and virsh. */
    public static final int ESCAPE = 0x1d;

    private static final int BUFFER_BYTES = 16 * 1024;
    private static final long END_LIMIT_MILLIS = 300;

    private final Stream stream;
    private @Nullable Thread receiver;
    private @Nullable ConsoleEnd end;
    private @Nullable RuntimeException failure;
    private boolean heard;

    private ConsoleSession(Stream stream) {
        this.stream = stream;
    }

    /**
     * Opens a console of a running domain, or a channel.
     *
     * @param device the alias of a device in its running definition, or a channel's name; null for the first console
     * @param force take it from whoever holds it
     */
    public static ConsoleSession open(Host host, Domain domain, @Nullable String device, boolean force) {
        if (!domain.isActive()) {
            throw JvirtException.failed(
                    "domain '" + domain.name() + "' is off: it has no console",
                    "jvirt start " + ShellWord.quoted(domain.name()));
        }
        ConsoleDevice chosen = ConsoleDevice.choose(domain.name(), ConsoleDevice.of(domain), device);
        try {
            return new ConsoleSession(
                    chosen != null && chosen.isChannel()
                            ? domain.openChannel(host, chosen.alias(), force)
                            : domain.openConsole(host, device, force));
        } catch (LibvirtException e) {
            String hint = hintFor(e.reason(), domain.name());
            throw hint == null ? e : new JvirtException(e.kind(), String.valueOf(e.getMessage()), hint, e);
        }
    }

    static @Nullable String hintFor(String reason, String name) {
        if (reason.contains("Active console session exists")) {
            return "somebody else holds it: jvirt console --force " + ShellWord.quoted(name) + " takes it";
        }
        if (reason.contains("cannot find")) {
            return "jvirt console " + ShellWord.quoted(name) + " --list shows what can be opened";
        }
        return null;
    }

    /** Ends {@link #relay} from another thread, as the escape character does. */
    public void leave() {
        end(ConsoleEnd.LEFT);
    }

    /**
     * Waits until the guest says a text; what it says goes nowhere else.
     *
     * @return whether it did within the limit, and before it ended
     */
    public boolean awaitText(String text, Duration limit, Cancellation cancellation) {
        Transcript transcript = new Transcript(OutputStream.nullOutputStream());
        listen(new PrintStream(transcript, false, StandardCharsets.UTF_8), cancellation);
        return transcript.await(text, limit, this, cancellation);
    }

    /** The guest has written something. */
    public synchronized boolean hasHeard() {
        return heard;
    }

    /**
     * Carries bytes both ways until something ends it. The end of {@code in} is no reason: the guest is still listened to.
     *
     * @param escapable {@link #ESCAPE} in the input leaves
     * @param limit how long at most; null for no limit
     */
    public ConsoleEnd relay(
            InputStream in, PrintStream out, boolean escapable, @Nullable Duration limit, Cancellation cancellation) {
        listen(out, cancellation);
        Thread sender = start("console-input", () -> send(in, escapable));
        assert sender.isDaemon();
        ConsoleEnd reason = awaitEnd(limit);
        RuntimeException failed = failure;
        if (failed != null) {
            throw failed;
        }
        return reason;
    }

    /** Carries what the guest says to {@code out}, in a thread, until the session ends. */
    void listen(PrintStream out, Cancellation cancellation) {
        cancellation.onRequest(() -> end(ConsoleEnd.CANCELLED));
        receiver = start("console-output", () -> receive(out));
    }

    /** Types to the guest. */
    void send(ByteBuffer bytes) {
        try {
            stream.send(bytes);
        } catch (LibvirtException e) {
            // The guest went: what waits for its answer will say so.
            end(ConsoleEnd.CLOSED);
        }
    }

    /** Why the session ended; null while it goes on. */
    synchronized @Nullable ConsoleEnd ended() {
        return end;
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void receive(PrintStream out) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            while (stream.receive(buffer) > 0) {
                int length = buffer.flip().remaining();
                buffer.get(bytes, 0, length).clear();
                out.write(bytes, 0, length);
                if (out.checkError()) {
                    end(ConsoleEnd.NO_READER);
                    return;
                }
                heardSomething();
            }
        } catch (LibvirtException e) {
            // Most drivers end the stream with an error when the guest goes: no failure of ours.
            end(ConsoleEnd.CLOSED);
        }
        end(ConsoleEnd.CLOSED);
    }

    private void send(InputStream in, boolean escapable) {
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                int escape = escapable ? indexOfEscape(bytes, length) : -1;
                int useful = escape < 0 ? length : escape;
                if (useful > 0) {
                    stream.send(ByteBuffer.allocateDirect(useful)
                            .put(bytes, 0, useful)
                            .flip());
                }
                if (escape >= 0) {
                    end(ConsoleEnd.LEFT);
                    return;
                }
            }
        } catch (IOException e) {
            fail(JvirtException.failed(
                    "cannot read standard input: " + e.getMessage(), "jvirt console NAME </dev/null only listens"));
        } catch (LibvirtException | IllegalStateException e) {
            // The guest went while somebody typed.
            end(ConsoleEnd.CLOSED);
        }
    }

    private static int indexOfEscape(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == ESCAPE) {
                return i;
            }
        }
        return -1;
    }

    private synchronized void heardSomething() {
        heard = true;
    }

    private synchronized void end(ConsoleEnd reason) {
        if (end == null) {
            end = reason;
        }
        notifyAll();
    }

    private synchronized void fail(RuntimeException e) {
        failure = e;
        end(ConsoleEnd.CLOSED);
    }

    private synchronized ConsoleEnd awaitEnd(@Nullable Duration limit) {
        long deadline = limit == null ? Long.MAX_VALUE : System.nanoTime() + limit.toNanos();
        try {
            while (end == null) {
                if (limit == null) {
                    wait();
                    continue;
                }
                long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMillis <= 0) {
                    return ConsoleEnd.TIME_UP;
                }
                wait(leftMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ConsoleEnd.CANCELLED;
        }
        return end;
    }

    /** Gives the console up. The native stream is freed only when no thread is in it any more. */
    @Override
    public void close() {
        stream.abort();
        Thread reading = receiver;
        if (reading != null) {
            try {
                reading.join(END_LIMIT_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (reading.isAlive()) {
                return;
            }
        }
        stream.close();
    }
}
