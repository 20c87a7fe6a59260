// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;
import java.io.InterruptedIOException;

/** Runs one job on several threads while the caller's thread feeds it. */
final class Workers {
    /** What a thread does until its input ends. */
    @FunctionalInterface
    interface Job {
        void run() throws Exception;
    }

    private Workers() {}

    /** The number of threads that a machine keeps busy, between 1 and 8. */
    static int standardThreads() {
        return Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors()));
    }

    /**
     * Starts the threads, feeds the queue, waits for all of them.
     *
     * @throws IOException the first failure of any of them
     */
    static void run(int threads, RunQueue<?> queue, Job worker, Job feed) throws IOException {
        Thread[] started = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            started[i] = new Thread(() -> guarded(queue, worker), "copy-" + i);
            started[i].setDaemon(true);
            started[i].start();
        }
        guarded(queue, feed);
        queue.complete();
        for (Thread thread : started) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                queue.fail(new InterruptedIOException("interrupted"));
            }
        }
        queue.check();
    }

    private static void guarded(RunQueue<?> queue, Job job) {
        try {
            job.run();
        } catch (Throwable t) {
            // Whatever it is, the other threads must stop and the caller must hear of it.
            queue.fail(t);
        }
    }
}
