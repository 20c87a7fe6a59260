// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.libvirt.LibvirtException;

/** Calls on a pool that libvirt refuses while it reads the pool anew by itself, as it does after each upload. */
final class TargetPools {
    private static final int ATTEMPTS = 100;
    private static final long PAUSE_MILLIS = 50;

    private TargetPools() {}

    static void whenIdle(Runnable call) {
        for (int attempt = 1; ; attempt++) {
            try {
                call.run();
                return;
            } catch (LibvirtException e) {
                if (attempt == ATTEMPTS || !isBusy(e)) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static boolean isBusy(LibvirtException e) {
        return e.reason().contains("asynchronous jobs running") || e.reason().contains("still in use");
    }
}
