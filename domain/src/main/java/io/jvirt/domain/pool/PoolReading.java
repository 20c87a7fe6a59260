// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolNames;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.libvirt.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Questions about pools that come back even where a pool's storage does not: a network file system whose server is gone
 * blocks every look at it for good, and libvirt with it. Each question runs on a thread of its own, which opens and closes
 * the pool itself, and is left behind after the limit.
 */
public final class PoolReading {
    /** Much longer than a healthy pool needs. */
    public static final Duration LIMIT = Duration.ofSeconds(5);

    /** For the others, once one has let us wait the whole limit. */
    private static final Duration NEXT_LIMIT = Duration.ofSeconds(2);

    /** libvirt's daemon takes five calls of a client at a time; those that hang count. */
    private static final int MAX_HANGING = 4;

    /** A directory of some thousand images is read in this time. */
    private static final Duration CONTENT_LIMIT = Duration.ofSeconds(20);

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private PoolReading() {}

    /** All pools; those that do not answer with a {@code problem}. */
    public static List<PoolSummary> all(Host host) {
        return all(host, LIMIT);
    }

    static List<PoolSummary> all(Host host, Duration limit) {
        PoolNames listed = PoolNames.of(host, limit);
        List<String> names = listed.names();
        int hanging = listed.hangs() ? 1 : 0;
        if (names.isEmpty() && listed.hangs()) {
            throw JvirtException.failed(
                    "libvirt on " + host.uri() + " has not listed its storage pools within " + limit.toSeconds()
                            + " s: one of them hangs",
                    "a network file system that is gone does this: look at its server, or on the host: umount -f -l TARGET");
        }
        boolean isLate = false;
        List<PoolSummary> found = new ArrayList<>();
        for (String name : names) {
            if (hanging >= MAX_HANGING) {
                found.add(PoolSummary.silent(name, "not asked: too many pools hang"));
                continue;
            }
            PoolSummary summary = summary(host, name, isLate && limit.compareTo(NEXT_LIMIT) > 0 ? NEXT_LIMIT : limit);
            if (summary != null) {
                found.add(summary);
                isLate |= summary.problem() != null;
                hanging += summary.problem() == null ? 0 : 1;
            }
        }
        return found;
    }

    /** Null where it has gone since it was listed. */
    private static @Nullable PoolSummary summary(Host host, String name, Duration limit) {
        try {
            return of(host, name, limit, PoolSummary::of);
        } catch (LibvirtException e) {
            return PoolSummary.silent(name, e.reason());
        } catch (JvirtException e) {
            if (e.kind() == JvirtException.Kind.NOT_FOUND) {
                return null;
            }
            return PoolSummary.silent(name, "no answer within " + limit.toSeconds() + " s");
        }
    }

    /** What one question about a pool answers; FAILED where the pool does not answer in time. */
    public static <T> T of(Host host, String name, Function<Pool, T> question) {
        return of(host, name, LIMIT, question);
    }

    static <T> T of(Host host, String name, Duration limit, Function<Pool, T> question) {
        // Only the worker may free the pool: the abandoned call still uses it.
        T answer = Bounded.call(
                "pool-" + name,
                limit,
                () -> {
                    try (Pool pool = Pool.find(host, name)) {
                        return question.apply(pool);
                    }
                },
                late -> {});
        if (answer == null) {
            host.leaveOpen();
            throw JvirtException.failed(
                    "pool '" + name + "' does not answer within " + limit.toSeconds() + " s: its storage hangs",
                    "is its server or device there? On the host, a mount that hangs goes with: umount -f -l TARGET");
        }
        return answer;
    }

    public static PoolSummary one(Host host, String name) {
        return of(host, name, PoolSummary::of);
    }

    /** Starts a pool that is off. */
    public static void start(Host host, String name) {
        change(host, name, pool -> {
            if (!pool.isActive()) {
                start(pool);
            }
            return true;
        });
    }

    private static void start(Pool pool) {
        try {
            pool.start();
        } catch (LibvirtException e) {
            throw new JvirtException(
                    e.kind(),
                    String.valueOf(e.getMessage()),
                    "is its server, device or directory there? jvirt pool info " + ShellWord.quoted(pool.name())
                            + " names it",
                    e);
        }
    }

    public static void refresh(Host host, String name) {
        change(host, name, pool -> {
            pool.refresh();
            return true;
        });
    }

    /** As {@link #of(Host, String, Function)}, with the patience that a change needs: mounting takes longer than looking. */
    public static <T> T change(Host host, String name, Function<Pool, T> change) {
        return of(host, name, START_LIMIT, change);
    }

    /** libvirt compares a new pool with each other one: it would wait for the one that hangs, and all others for it. */
    public static void refuseWhileOneHangs(Host host) {
        if (PoolNames.of(host, LIMIT).hangs()) {
            throw JvirtException.failed(
                    "a storage pool on " + host.uri() + " hangs: libvirt makes no other one until it answers",
                    "jvirt pool list shows which; is its server or device there?");
        }
    }

    /** A pool and its volumes; an active one is read anew first. */
    public static PoolContent content(Host host, String name) {
        PoolSummary before = one(host, name);
        if (before.state() != PoolState.RUNNING) {
            return new PoolContent(before, List.of());
        }
        return of(host, name, CONTENT_LIMIT, pool -> {
            List<VolumeSummary> volumes = new ArrayList<>();
            pool.refresh();
            for (Volume volume : pool.volumes()) {
                try (volume) {
                    volumes.add(VolumeSummary.of(volume));
                } catch (LibvirtException e) {
                    // It went away between the two calls.
                    continue;
                }
            }
            return new PoolContent(PoolSummary.of(pool), volumes);
        });
    }
}
