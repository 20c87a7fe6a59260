// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import io.jvirt.domain.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;

/** What a guest has said and nobody has waited for yet; it is passed on as it comes. */
final class Transcript extends OutputStream {
    /** Of a guest that talks without end only the last part is kept. */
    private static final int LIMIT_BYTES = 1 << 20;

    private static final long POLL_MILLIS = 100;

    private final OutputStream target;
    private byte[] said = new byte[8192];
    private int length;

    Transcript(OutputStream target) {
        this.target = target;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        target.write(bytes, offset, count);
        target.flush();
        keep(bytes, offset, count);
    }

    private synchronized void keep(byte[] bytes, int offset, int count) {
        if (length + count > LIMIT_BYTES) {
            int dropped = Math.min(length, length + count - LIMIT_BYTES / 2);
            System.arraycopy(said, dropped, said, 0, length - dropped);
            length -= dropped;
        }
        if (length + count > said.length) {
            said = Arrays.copyOf(said, Math.max(said.length * 2, length + count));
        }
        System.arraycopy(bytes, offset, said, length, count);
        length += count;
        notifyAll();
    }

    /** Waits for a text; what precedes it, and the text, is used up. False where it did not come. */
    synchronized boolean await(String text, Duration limit, ConsoleSession session, Cancellation cancellation) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            int behind = new ExpectedText(text).feed(said, 0, length);
            if (behind >= 0) {
                System.arraycopy(said, behind, said, 0, length - behind);
                length -= behind;
                return true;
            }
            cancellation.check();
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (session.ended() != null || leftMillis <= 0) {
                return false;
            }
            try {
                wait(Math.min(leftMillis, POLL_MILLIS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
