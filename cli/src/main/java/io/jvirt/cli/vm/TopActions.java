// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOff;
import io.jvirt.domain.power.PowerOn;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** The verbs behind the keys of {@code top}: each in a thread of its own, its end in a line for the screen. */
final class TopActions {
    private final Host host;
    private final Cancellation cancellation;
    private final Map<String, ShutDown> shuttingDown = new ConcurrentHashMap<>();
    private volatile String message = "";

    /**
     * A guest that was asked to shut down.
     *
     * @param patience requested: it is waited for no longer
     * @param over nobody waits for it any more, its machine is free
     */
    private record ShutDown(Cancellation patience, CountDownLatch over) {}

    TopActions(Host host, Cancellation cancellation) {
        this.host = host;
        this.cancellation = cancellation;
    }

    /** What was said last. */
    String message() {
        return message;
    }

    void say(String line) {
        message = line;
    }

    void start(String name) {
        run("starting '" + name + "' …", () -> PowerOn.start(host, name, false).sentence());
    }

    void shutDown(String name) {
        ShutDown waiting = new ShutDown(new Cancellation(), new CountDownLatch(1));
        cancellation.onRequest(waiting.patience()::request);
        shuttingDown.put(name, waiting);
        run("asked '" + name + "' to shut down …", () -> {
            try (PowerOff off = PowerOff.begin(host, name, PowerOff.DEFAULT_LIMIT, false)) {
                return off.await(this::say, waiting.patience()).sentence();
            } finally {
                shuttingDown.remove(name, waiting);
                waiting.over().countDown();
            }
        });
    }

    void pullThePlug(String name) {
        run("pulling the plug of '" + name + "' …", () -> {
            endPatience(name);
            try (PowerOff off = PowerOff.begin(host, name, Duration.ZERO, true)) {
                return off.await(this::say, cancellation).sentence();
            }
        });
    }

    /** A guest that is still being waited for is waited for no longer, so that its machine is free. */
    private void endPatience(String name) {
        ShutDown waiting = shuttingDown.get(name);
        if (waiting == null) {
            return;
        }
        waiting.patience().request();
        try {
            waiting.over().await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void pauseOrResume(String name) {
        run("…", () -> {
            try (Domain domain = host.findDomain(name);
                    DomainLock lock = DomainLock.take("top", host, domain)) {
                if (domain.status().state() == DomainState.PAUSED) {
                    domain.resume();
                    return "Domain '" + name + "' runs on";
                }
                domain.suspend();
                return "Domain '" + name + "' is paused; p lets it run on";
            }
        });
    }

    void reboot(String name) {
        run("…", () -> {
            try (Domain domain = host.findDomain(name);
                    DomainLock lock = DomainLock.take("top", host, domain)) {
                domain.reboot();
                return "Asked the guest of '" + name + "' to reboot";
            }
        });
    }

    private void run(String begun, Supplier<String> verb) {
        say(begun);
        Thread thread = new Thread(
                () -> {
                    try {
                        say(verb.get());
                    } catch (JvirtException e) {
                        say(e.getMessage() + (e.hint() == null ? "" : " (" + e.hint() + ")"));
                    }
                },
                "top-verb");
        thread.setDaemon(true);
        thread.start();
    }
}
