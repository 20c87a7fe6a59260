// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A server's body that ends with an error where nothing comes for too long, or the user asks to stop. */
final class StallGuard extends InputStream {
    private static final long POLL_MILLIS = 100;

    private final InputStream body;
    private final Duration silence;
    private final Cancellation cancellation;
    private final Thread watch;
    private volatile long lastNanos = System.nanoTime();
    private volatile boolean isClosed;
    private volatile boolean hasStalled;

    StallGuard(InputStream body, Duration silence, Cancellation cancellation) {
        this.body = body;
        this.silence = silence;
        this.cancellation = cancellation;
        this.watch = new Thread(this::watch, "download-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private void watch() {
        try {
            while (!isClosed) {
                Thread.sleep(POLL_MILLIS);
                boolean silent = System.nanoTime() - lastNanos > silence.toNanos();
                if (!isClosed && (silent || cancellation.isRequested())) {
                    hasStalled = silent;
                    // The reader, which waits in read, gets an error from that.
                    body.close();
                    return;
                }
            }
        } catch (InterruptedException | IOException e) {
            // Closed by the reader, which has what it wanted.
            return;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int n = body.read(buffer, offset, length);
            lastNanos = System.nanoTime();
            return n;
        } catch (IOException e) {
            cancellation.check();
            throw hasStalled ? new IOException("nothing came for " + silence.toSeconds() + " s", e) : e;
        }
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        watch.interrupt();
        body.close();
    }
}
