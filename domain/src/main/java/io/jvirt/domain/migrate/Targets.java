// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.transfer.Route;
import io.jvirt.domain.transfer.wire.Wires;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Connections to the hosts that domains move to: one for each, to plan with and to move with. */
public final class Targets implements AutoCloseable {
    private final Map<String, FutureTask<Host>> opened = new ConcurrentHashMap<>();

    /** Begins to connect, to libvirt and to jvirt there, while something else is done. */
    public Targets prepare(MigrateRequest request) {
        if (request.route().way() != Route.Way.LIBVIRT) {
            Wires.prepare(request.targetUri());
        }
        opened.computeIfAbsent(request.targetUri(), Targets::begin);
        return this;
    }

    private static FutureTask<Host> begin(String uri) {
        FutureTask<Host> task = new FutureTask<>(() -> Host.open(uri));
        Thread thread = new Thread(task, "target-connect");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** The connection; a new one where the last has broken. */
    public Host get(String uri) {
        Host host = result(opened.computeIfAbsent(uri, Targets::begin));
        if (!host.isAlive()) {
            opened.remove(uri);
            host.close();
            host = result(opened.computeIfAbsent(uri, Targets::begin));
        }
        return host;
    }

    private static Host result(FutureTask<Host> task) {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** One that is not open yet ends with the process. */
    @Override
    public void close() {
        opened.keySet().forEach(Wires::end);
        for (FutureTask<Host> task : opened.values()) {
            if (task.isDone()) {
                try {
                    result(task).close();
                } catch (RuntimeException e) {
                    // It never was.
                    continue;
                }
            }
        }
        opened.clear();
    }
}
