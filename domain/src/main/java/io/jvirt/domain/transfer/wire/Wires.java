// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** This process's connections: one for each host, for one file after the other. */
public final class Wires {
    private static final Map<String, FutureTask<WireSession>> SESSIONS = new ConcurrentHashMap<>();

    private Wires() {}

    /** Begins to connect while something else is done; {@link #session} tells how it went. */
    public static void prepare(String libvirtUri) {
        if (SshCommand.of(libvirtUri) != null) {
            SESSIONS.computeIfAbsent(libvirtUri, Wires::begin);
        }
    }

    private static FutureTask<WireSession> begin(String libvirtUri) {
        FutureTask<WireSession> task = new FutureTask<>(() -> WireSession.open(libvirtUri));
        Thread thread = new Thread(task, "wire-connect");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** The connection to that host, a new one where the last has ended. */
    public static WireSession session(String libvirtUri) throws IOException {
        FutureTask<WireSession> task = SESSIONS.computeIfAbsent(libvirtUri, Wires::begin);
        WireSession session = result(task);
        if (session.isOver()) {
            SESSIONS.remove(libvirtUri, task);
            session = result(SESSIONS.computeIfAbsent(libvirtUri, Wires::begin));
        }
        return session;
    }

    /** Ends the connection, where there is one: all that was to be done over it is done. */
    public static void end(String libvirtUri) {
        FutureTask<WireSession> task = SESSIONS.remove(libvirtUri);
        if (task != null && task.isDone()) {
            try {
                result(task).end();
            } catch (IOException e) {
                // It never began.
                return;
            }
        }
    }

    private static WireSession result(FutureTask<WireSession> task) throws IOException {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WireUnavailableException known) {
                throw known;
            }
            throw new WireUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }
}
