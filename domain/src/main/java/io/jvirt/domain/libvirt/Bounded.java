// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that is given up after a time. Native calls cannot be interrupted, so the work runs on a thread of its own that
 * is left behind when it does not return; what it still brings later is disposed of.
 */
public final class Bounded<T> implements Runnable {
    private final Supplier<T> work;
    private final Consumer<T> disposeLate;
    private @Nullable T result;
    private @Nullable Throwable failure;
    private boolean done;
    private boolean abandoned;

    private Bounded(Supplier<T> work, Consumer<T> disposeLate) {
        this.work = work;
        this.disposeLate = disposeLate;
    }

    /**
     * Runs {@code work}; throws what it throws.
     *
     * @param disposeLate takes a result that came after the limit
     * @return the result, or null where the limit passed
     */
    public static <T> @Nullable T call(String threadName, Duration limit, Supplier<T> work, Consumer<T> disposeLate) {
        Bounded<T> bounded = new Bounded<>(work, disposeLate);
        Thread thread = new Thread(bounded, threadName);
        thread.setDaemon(true);
        thread.start();
        return bounded.await(limit);
    }

    @Override
    public void run() {
        T value = null;
        Throwable thrown = null;
        try {
            value = work.get();
        } catch (RuntimeException | Error e) {
            thrown = e;
        }
        synchronized (this) {
            result = value;
            failure = thrown;
            done = true;
            notifyAll();
            if (!abandoned) {
                return;
            }
        }
        if (value != null) {
            disposeLate.accept(value);
        }
    }

    private synchronized @Nullable T await(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (!done) {
                long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMillis <= 0) {
                    abandoned = true;
                    return null;
                }
                wait(leftMillis);
            }
        } catch (InterruptedException e) {
            abandoned = true;
            Thread.currentThread().interrupt();
            return null;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        return result;
    }
}
