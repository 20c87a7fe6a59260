// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Hands pieces of work from the thread that maps to the threads that work, and lets them do a step in the
 * order of their tickets. The first failure anywhere ends it for all.
 */
final class RunQueue<T> {
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private final int capacity;
    private boolean complete;
    private long nextTicket;
    private @Nullable Throwable failure;

    RunQueue(int capacity) {
        this.capacity = capacity;
    }

    /** Adds a piece; waits while the workers have enough to do. */
    synchronized void put(T piece) throws IOException {
        while (waiting.size() >= capacity && failure == null) {
            await();
        }
        check();
        waiting.add(piece);
        notifyAll();
    }

    /** No more will come. */
    synchronized void complete() {
        complete = true;
        notifyAll();
    }

    /** The next piece, or null when there are no more. */
    synchronized @Nullable T take() throws IOException {
        while (waiting.isEmpty() && !complete && failure == null) {
            await();
        }
        check();
        T piece = waiting.poll();
        if (piece != null) {
            notifyAll();
        }
        return piece;
    }

    /** Returns when all tickets before this one are done. */
    synchronized void awaitTurn(long ticket) throws IOException {
        while (nextTicket != ticket && failure == null) {
            await();
        }
        check();
    }

    /** The step of the ticket whose turn it was is done. */
    synchronized void turnDone() {
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
