// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.ErrorNumber;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Switches a domain off: asks the guest, waits for a limited time, and pulls the plug only where that is allowed.
 *
 * <p>{@link #begin} and {@link #await} are apart so that many domains shut down at once.
 */
public final class PowerOff implements AutoCloseable {
    /** What a guest gets to shut down where nothing else is said. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(60);

    private static final long POLL_MILLIS = 100;
    /** A guest that still boots drops the request, so it is made again. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(10);

    private final Domain domain;
    private final @Nullable DomainLock lock;
    private final String name;
    private final Duration limit;
    private final boolean force;
    private final int id;
    private final boolean wasOff;
    private final boolean asked;
    private final @Nullable LibvirtException refusal;
    private final long askedAt = System.nanoTime();

    private PowerOff(Domain domain, @Nullable DomainLock lock, Duration limit, boolean force) {
        this.domain = domain;
        this.lock = lock;
        this.name = domain.name();
        this.limit = limit;
        this.force = force;
        DomainState state = domain.status().state();
        this.id = domain.id();
        this.wasOff = !state.isActive();
        boolean deaf = state == DomainState.PAUSED || state == DomainState.PM_SUSPENDED;
        if (deaf && !force) {
            throw JvirtException.failed(
                    "domain '" + name + "' is " + state.text() + ": its guest cannot shut down",
                    "jvirt resume " + ShellWord.quoted(name) + ", or jvirt stop --force " + ShellWord.quoted(name));
        }
        this.asked = !wasOff && !deaf && !limit.isZero();
        this.refusal = asked ? ask() : null;
    }

    /**
     * Asks the guest to shut down and returns at once; until this is closed no other verb has the domain.
     *
     * @param limit how long {@link #await} waits; zero pulls the plug without asking
     * @param force pull the plug after that
     */
    public static PowerOff begin(Host host, String name, Duration limit, boolean force) {
        Domain domain = host.findDomain(name);
        DomainLock lock = null;
        try {
            lock = DomainLock.take("stop", host, domain);
            return new PowerOff(domain, lock, limit, force);
        } catch (RuntimeException e) {
            if (lock != null) {
                lock.close();
            }
            domain.close();
            throw e;
        }
    }

    /** The same within an operation that has the domain already. */
    public static PowerOff beginWithin(Host host, String name, Duration limit) {
        Domain domain = host.findDomain(name);
        try {
            return new PowerOff(domain, null, limit, false);
        } catch (RuntimeException e) {
            domain.close();
            throw e;
        }
    }

    public String name() {
        return name;
    }

    /**
     * Waits until the domain is off.
     *
     * @param progress takes a line for people once it is clear that it takes time
     */
    public PowerResult await(Consumer<String> progress, Cancellation cancellation) {
        if (wasOff) {
            return new PowerResult(name, PowerResult.Outcome.ALREADY_OFF);
        }
        if (asked && refusal == null && waitForOff(progress, cancellation)) {
            return new PowerResult(name, PowerResult.Outcome.STOPPED);
        }
        if (!force) {
            throw refusal != null ? refusal : stillRunning();
        }
        return pullThePlug();
    }

    private @Nullable LibvirtException ask() {
        try {
            domain.shutdown();
            return null;
        } catch (LibvirtException e) {
            // It went off by itself in this moment: the wait will see it.
            return isOff() ? null : e;
        }
    }

    private boolean waitForOff(Consumer<String> progress, Cancellation cancellation) {
        long deadline = askedAt + limit.toNanos();
        long askAgain = askedAt + ASK_AGAIN.toNanos();
        boolean told = false;
        while (!isOff()) {
            cancellation.check();
            if (domain.id() != id && domain.id() != -1) {
                throw JvirtException.failed(
                        "domain '" + name + "' shut down and was started again",
                        "its definition or another program restarts it: see on_poweroff in jvirt info "
                                + ShellWord.quoted(name));
            }
            long now = System.nanoTime();
            if (now >= deadline) {
                return false;
            }
            if (!told && now - askedAt > 2_000_000_000L) {
                told = true;
                progress.accept("waiting up to " + limit.toSeconds() + " s for '" + name + "' to shut down");
            }
            if (now >= askAgain) {
                askAgain = now + ASK_AGAIN.toNanos();
                LibvirtException again = ask();
                assert again == null || again.number() != 0;
            }
            pause();
        }
        return true;
    }

    private PowerResult pullThePlug() {
        try {
            domain.destroy();
        } catch (LibvirtException e) {
            if (!isOff()) {
                throw e;
            }
        }
        return new PowerResult(name, PowerResult.Outcome.FORCED);
    }

    /** A transient domain is gone when it is off. */
    private boolean isOff() {
        try {
            return !domain.isActive();
        } catch (LibvirtException e) {
            if (e.number() == ErrorNumber.NO_DOMAIN) {
                return true;
            }
            throw e;
        }
    }

    private JvirtException stillRunning() {
        return JvirtException.failed(
                limit.isZero()
                        ? "domain '" + name + "' was given no time to shut down"
                        : "domain '" + name + "' did not shut down within " + limit.toSeconds() + " s",
                "its guest may ignore the power button: jvirt stop --force " + ShellWord.quoted(name)
                        + " pulls the plug");
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JvirtException(JvirtException.Kind.INTERRUPTED, "interrupted", null, e);
        }
    }

    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
        domain.close();
    }
}
