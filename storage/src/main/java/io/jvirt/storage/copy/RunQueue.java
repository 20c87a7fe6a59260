// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands pieces of work from the thread that maps to the threads that work, and lets them do a step in the order of their
 * tickets. The first failure anywhere ends it for all.
 *
 * <p>To wake a thread costs more than a short piece of work does, most of all in a virtual machine: each sort of waiting has
 * a condition of its own, nobody is woken who has nothing to do, and a full queue is filled again only when it is half empty.
 */
final class RunQueue<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition drained = lock.newCondition();
    private final Condition turned = lock.newCondition();
    private final ArrayDeque<T> pieces = new ArrayDeque<>();
    private final int capacity;
    private int takersWaiting;
    private int turnsWaiting;
    private boolean putterWaiting;
    private boolean complete;
    private long nextTicket;
    private @Nullable Throwable failure;

    /** @param capacity how many pieces may wait; they are small, and a long queue means fewer wake-ups */
    RunQueue(int capacity) {
        this.capacity = capacity;
    }

    /** Adds a piece; waits while the workers have enough to do. One thread only. */
    void put(T piece) throws IOException {
        lock.lock();
        try {
            putterWaiting = pieces.size() >= capacity;
            while (putterWaiting && failure == null) {
                await(drained);
            }
            throwFailure();
            pieces.add(piece);
            if (takersWaiting > 0) {
                filled.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** No more will come. */
    void complete() {
        lock.lock();
        try {
            complete = true;
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next piece, or null when there are no more. */
    @Nullable
    T take() throws IOException {
        lock.lock();
        try {
            takersWaiting++;
            while (pieces.isEmpty() && !complete && failure == null) {
                await(filled);
            }
            takersWaiting--;
            throwFailure();
            T piece = pieces.poll();
            if (putterWaiting && pieces.size() <= capacity / 2) {
                putterWaiting = false;
                drained.signal();
            }
            return piece;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when all tickets before this one are done. */
    void awaitTurn(long ticket) throws IOException {
        lock.lock();
        try {
            turnsWaiting++;
            while (nextTicket != ticket && failure == null) {
                await(turned);
            }
            turnsWaiting--;
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    /** The step of the ticket whose turn it was is done. */
    void turnDone() {
        lock.lock();
        try {
            nextTicket++;
            if (turnsWaiting > 0) {
                turned.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void fail(Throwable cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            filled.signalAll();
            drained.signalAll();
            turned.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void check() throws IOException {
        lock.lock();
        try {
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() throws IOException {
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

    private static void await(Condition condition) throws InterruptedIOException {
        try {
            condition.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
