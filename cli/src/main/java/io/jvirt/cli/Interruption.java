// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM: the JVM starts its shutdown, this hook asks the running verb to stop, gives it time to roll back, and
 * ends the process with 130. A second signal does not cut the rollback short; kill -9 does, and then the journal is there.
 */
final class Interruption extends Thread {
    private static final long ROLLBACK_LIMIT_SECONDS = 60;

    private final Cancellation cancellation;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean isExiting;

    Interruption(Cancellation cancellation) {
        super("interruption");
        this.cancellation = cancellation;
    }

    /** The command has ended, or failed, and its process is about to exit by itself. */
    void finished() {
        isExiting = true;
        finished.countDown();
    }

    @Override
    public void run() {
        if (isExiting) {
            return;
        }
        cancellation.request();
        if (cancellation.isWatched()) {
            try {
                boolean unused = finished.await(ROLLBACK_LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException stopWaiting) {
                Thread.currentThread().interrupt();
            }
        }
        Runtime.getRuntime().halt(ExitCode.INTERRUPTED.value());
    }
}
