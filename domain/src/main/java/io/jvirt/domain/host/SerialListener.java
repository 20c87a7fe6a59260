// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Counts what a guest writes to its serial port, on a thread of its own. */
final class SerialListener implements Runnable {
    private static final long END_LIMIT_MILLIS = 2000;

    private final Stream console;
    private final Thread thread = new Thread(this, "kvm-probe-console");
    private long bytes;

    SerialListener(Stream console) {
        this.console = console;
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256);
        try {
            for (int got = console.receive(buffer); got > 0; got = console.receive(buffer)) {
                add(got);
                buffer.clear();
            }
        } catch (LibvirtException e) {
            // The guest's end breaks its console.
            return;
        }
    }

    private synchronized void add(int count) {
        bytes += count;
        notifyAll();
    }

    /** Waits for the first byte. */
    synchronized boolean hasSpoken(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            for (long left = limit.toMillis(); bytes == 0 && left > 0; ) {
                wait(left);
                left = (deadline - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return bytes > 0;
    }

    /** Closes the stream once nobody reads it any more; a stream that is still being read is left to the connection's end. */
    void closeAfterTheGuest() {
        try {
            thread.join(END_LIMIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            console.close();
        }
    }
}
