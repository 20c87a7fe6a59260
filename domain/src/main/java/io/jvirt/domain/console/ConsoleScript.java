// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A conversation with a guest: what is typed and what is waited for, in order. */
public final class ConsoleScript {
    /** A guest's terminal line takes only so much at once, and drops the rest. */
    private static final int PIECE_BYTES = 64;

    private static final long PIECE_PAUSE_MILLIS = 10;

    /** One step of the conversation. */
    public sealed interface Step {}

    /** Types bytes. */
    public record Send(byte[] bytes) implements Step {}

    /** Waits until the guest says a text, after what was waited for before. */
    public record Expect(String text) implements Step {}

    private final List<Step> steps;
    private final Duration limit;

    /** @param limit for each text that is waited for */
    public ConsoleScript(List<Step> steps, Duration limit) {
        this.steps = steps;
        this.limit = limit;
    }

    /**
     * Performs the steps; a text that does not come is an error.
     *
     * @param out takes all that the guest says meanwhile
     */
    public void run(ConsoleSession console, Domain domain, OutputStream out, Cancellation cancellation) {
        Transcript transcript = new Transcript(out);
        console.listen(new PrintStream(transcript, false, StandardCharsets.UTF_8), cancellation);
        for (Step step : steps) {
            if (step instanceof Send send) {
                type(console, send.bytes(), cancellation);
            } else if (step instanceof Expect expect
                    && !transcript.await(expect.text(), limit, console, cancellation)) {
                throw missing(expect.text(), console, domain);
            }
        }
    }

    private static void type(ConsoleSession console, byte[] bytes, Cancellation cancellation) {
        for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
            cancellation.check();
            console.send(ByteBuffer.allocateDirect(PIECE_BYTES)
                    .put(bytes, at, Math.min(PIECE_BYTES, bytes.length - at))
                    .flip());
            try {
                Thread.sleep(PIECE_PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new JvirtException(JvirtException.Kind.INTERRUPTED, "interrupted", null);
            }
        }
    }

    private JvirtException missing(String text, ConsoleSession console, Domain domain) {
        if (console.ended() != null) {
            return JvirtException.failed(
                    "the console of domain '" + domain.name() + "' was closed before it said '" + text + "'",
                    "jvirt list shows whether it is still running");
        }
        String message = "domain '" + domain.name() + "' did not say '" + text + "' within " + limit.toSeconds() + " s";
        return console.hasHeard()
                ? JvirtException.failed(
                        message, "what it did say stands on standard output; --timeout gives it more time")
                : JvirtException.failed(
                        message + ", and nothing else either", String.join("\n", SilentGuest.advice(domain)));
    }
}
