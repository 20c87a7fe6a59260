// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import org.jspecify.annotations.Nullable;

/**
 * libvirt's event loop on a thread of its own, as long as there are connections. It must be registered before a connection
 * is opened; keepalive, events and non-blocking streams need it.
 *
 * <p>It ends with the last connection: the JVM gives a thread that is in native code 300 ms to come back before it exits,
 * which a short command would spend mostly waiting for the loop.
 */
final class EventLoop {
    private static final long END_MILLIS = 1000;

    private static boolean registered;
    private static int users;
    private static @Nullable Loop running;

    private EventLoop() {}

    /** To be called before a connection is opened; {@link #leave} belongs to it. */
    static synchronized void enter() {
        if (!registered) {
            if (NativeLibvirt.virEventRegisterDefaultImpl() < 0) {
                throw LibvirtException.last("cannot register libvirt's event loop");
            }
            registered = true;
        }
        users++;
        if (running == null) {
            running = new Loop();
            running.start();
        }
    }

    /** The connection is closed. */
    static synchronized void leave() {
        users--;
        Loop loop = running;
        if (users > 0 || loop == null) {
            return;
        }
        running = null;
        loop.end();
    }

    /** How many connections are open, those that were given up among them. */
    static synchronized int users() {
        return users;
    }

    private static final class Loop extends Thread {
        private volatile boolean isOver;

        Loop() {
            super("libvirt-events");
            setDaemon(true);
        }

        @Override
        public void run() {
            int failures = 0;
            // A loop that keeps failing must not spin; one failure (EINTR) is no reason to stop.
            while (!isOver && failures < 10) {
                failures = NativeLibvirt.virEventRunDefaultImpl() < 0 ? failures + 1 : 0;
            }
        }

        void end() {
            isOver = true;
            // A timer that is due at once wakes the loop. Its function is called with its number and removes it.
            NativeLibvirt.virEventAddTimeout(0, NativeLoader.function("virEventRemoveTimeout"), null, null);
            try {
                join(END_MILLIS);
            } catch (InterruptedException e) {
                currentThread().interrupt();
            }
        }
    }
}
