// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits that end with the user's wish to stop. */
final class Waiting {
    private static final long POLL_MILLIS = 250;

    private Waiting() {}

    static void pause(Duration time, Cancellation cancellation) {
        boolean unused = until(() -> false, time, cancellation);
    }

    /** Looks until the condition holds, at least once; false where the limit passed. */
    static boolean until(BooleanSupplier condition, Duration limit, Cancellation cancellation) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            cancellation.check();
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return false;
            }
            try {
                Thread.sleep(Math.min(leftMillis, POLL_MILLIS));
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
        return true;
    }

    static void forLatch(CountDownLatch latch, Cancellation cancellation) {
        try {
            while (!latch.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                cancellation.check();
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static JvirtException interrupted() {
        Thread.currentThread().interrupt();
        return new JvirtException(JvirtException.Kind.INTERRUPTED, "interrupted", null);
    }
}
