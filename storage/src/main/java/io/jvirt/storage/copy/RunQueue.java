// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Hands runs from the thread that maps to the threads that work, and lets them place what they have in order. The first
 * failure anywhere ends it for all.
 */
final class RunQueue {
    private final ArrayDeque<Run> waiting = new ArrayDeque<>();
    private final int capacity;
    private boolean complete;
    private long nextTicket;
    private @Nullable Throwable failure;

    RunQueue(int capacity) {
        this.capacity = capacity;
    }

    /** Adds a run; waits while the workers have enough to do. */
    synchronized void put(Run run) throws IOException {
        while (waiting.size() >= capacity && failure == null) {
            await();
        }
        check();
        waiting.add(run);
        notifyAll();
    }

    /** No more runs will come. */
    synchronized void complete() {
        complete = true;
        notifyAll();
    }

    /** The next run, or null when there are no more. */
    synchronized @Nullable Run take() throws IOException {
        while (waiting.isEmpty() && !complete && failure == null) {
            await();
        }
        check();
        Run run = waiting.poll();
        if (run != null) {
            notifyAll();
        }
        return run;
    }

    /** Returns when all runs before this one have been placed. */
    synchronized void awaitTurn(Run run) throws IOException {
        while (nextTicket != run.ticket() && failure == null) {
            await();
        }
        check();
    }

    /** The run whose turn it was is placed. */
    synchronized void placed() {
        nextTicket++;
        notifyAll();
    }

    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        notifyAll();
    }

    synchronized void check() throws IOException {
        if (failure instanceof IOException io) {
            throw io;
        }
        if (failure instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    private void await() throws InterruptedIOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
