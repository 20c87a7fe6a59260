// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/**
 * libvirt's event loop on a thread of its own. It must be registered before a connection is opened; keepalive, events
 * and non-blocking streams need it.
 */
final class EventLoop {
    private static boolean started;

    private EventLoop() {}

    static synchronized void start() {
        if (started) {
            return;
        }
        started = true;
        if (NativeHost.virEventRegisterDefaultImpl() < 0) {
            throw LibvirtException.last("cannot register libvirt's event loop");
        }
        Thread thread = new Thread(EventLoop::run, "libvirt-events");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run() {
        int failures = 0;
        // A loop that keeps failing must not spin; one failure (EINTR) is no reason to stop.
        while (failures < 10) {
            failures = NativeHost.virEventRunDefaultImpl() < 0 ? failures + 1 : 0;
        }
    }
}
