// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Compression;

/**
 * Decides whether to compress: where most of the time goes by waiting for the link, and as long as it helps. One thread
 * tells it, several ask.
 */
final class Pressure {
    private static final long WINDOW_BYTES = 4L << 20;

    /** After data that did not shrink: so much goes as it is before the next try. */
    private static final long PAUSE_BYTES = 64L << 20;

    private final Compression wanted;
    private volatile boolean isOn;
    private long windowBytes;
    private long sentBytes;
    private long linkNanos;
    private long windowStart = System.nanoTime();
    private long pausedBytes;

    Pressure(Compression wanted) {
        this.wanted = wanted;
        this.isOn = wanted == Compression.ZSTD;
    }

    boolean isOn() {
        return isOn;
    }

    /**
     * A chunk was sent.
     *
     * @param plainBytes its length
     * @param linkBytes what of it went over the link
     * @param nanos how long the link took it
     */
    void sent(long plainBytes, long linkBytes, long nanos) {
        if (wanted != Compression.AUTO) {
            return;
        }
        windowBytes += plainBytes;
        sentBytes += linkBytes;
        linkNanos += nanos;
        if (windowBytes < WINDOW_BYTES) {
            return;
        }
        long total = Math.max(1, System.nanoTime() - windowStart);
        double waiting = (double) linkNanos / total;
        if (isOn) {
            boolean helps = sentBytes < windowBytes * 0.9;
            // The processor has become what is waited for.
            isOn = helps && waiting > 0.1;
            pausedBytes = isOn ? 0 : PAUSE_BYTES;
        } else {
            pausedBytes -= windowBytes;
            isOn = pausedBytes <= 0 && waiting > 0.6;
        }
        windowBytes = 0;
        sentBytes = 0;
        linkNanos = 0;
        windowStart = System.nanoTime();
    }
}
