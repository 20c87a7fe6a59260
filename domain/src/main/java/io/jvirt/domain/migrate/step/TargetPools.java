// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import java.nio.file.Path;

/** The target's pools: libvirt forgets transient ones with its daemon, and refuses calls while it reads a pool anew by itself. */
final class TargetPools {
    private static final int ATTEMPTS = 100;
    private static final long PAUSE_MILLIS = 50;

    private TargetPools() {}

    /**
     * The pool of a file, made again where it has been forgotten; the caller closes it.
     *
     * @param pool its name
     * @param path of the file
     */
    static Pool open(Host target, String pool, String path) {
        Pool known = Pool.named(target, pool);
        if (known != null) {
            return known;
        }
        return Pool.createTransient(
                target, DirectoryPoolStep.xml(pool, String.valueOf(Path.of(path).getParent())), false);
    }

    /** Removes a file where it is there, by a pool of its own where the one that it was made in has been forgotten. */
    static void delete(Host target, String uri, String pool, String path) {
        String volume = String.valueOf(Path.of(path).getFileName());
        try (Pool in = Pool.named(target, pool)) {
            if (in != null) {
                if (!in.isActive()) {
                    throw JvirtException.failed(
                            "pool '" + pool + "' on the target is not active, so " + path + " cannot be removed",
                            "jvirt -c " + ShellWord.quoted(uri) + " pool start " + ShellWord.quoted(pool)
                                    + ", then jvirt recover --rollback");
                }
                deleteFrom(in, volume);
                return;
            }
        }
        try (Pool made = open(target, pool, path)) {
            deleteFrom(made, volume);
            whenIdle(made::stop);
        } catch (LibvirtException e) {
            // The directory is not there any more.
            if (!target.isAlive()) {
                throw e;
            }
        }
    }

    private static void deleteFrom(Pool in, String volume) {
        whenIdle(in::refresh);
        whenIdle(() -> {
            try (Volume there = in.volume(volume)) {
                if (there != null) {
                    there.delete();
                }
            }
        });
    }

    /** Waits, for a while, until libvirt does not refuse the call any more. It reads a pool anew after each upload. */
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
