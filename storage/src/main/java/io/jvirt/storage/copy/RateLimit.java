// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.InterruptedIOException;

/** Lets so many bytes a second pass, over all threads. */
public final class RateLimit {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long bytesPerSecond;
    private long nextNanos = System.nanoTime();

    /** @param bytesPerSecond 0 for no limit */
    public RateLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Waits until the bytes may go. */
    public void pass(long bytes) throws InterruptedIOException {
        if (bytesPerSecond == 0) {
            return;
        }
        long waitNanos;
        synchronized (this) {
            long now = System.nanoTime();
            nextNanos = Math.max(nextNanos, now);
            waitNanos = nextNanos - now;
            nextNanos += (long) ((double) bytes / bytesPerSecond * NANOS_PER_SECOND);
        }
        try {
            Thread.sleep(waitNanos / 1_000_000, (int) (waitNanos % 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
