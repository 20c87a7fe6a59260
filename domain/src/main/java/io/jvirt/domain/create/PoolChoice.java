// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which pool a disk goes to. */
public final class PoolChoice {
    static final String DEFAULT = "default";

    private PoolChoice() {}

    /** The named pool; else the one named default; else the only active one; else null. An inactive one is an error. */
    public static @Nullable Pool choose(Host host, @Nullable String name) {
        String chosen = name != null ? name : defaultOrOnly(host);
        if (chosen == null) {
            if (host.isRemote()) {
                throw JvirtException.notFound(
                        "there is no pool 'default' on " + host.uri(), "name one with --pool: jvirt pool list");
            }
            return null;
        }
        if (!PoolReading.of(host, chosen, Pool::isActive)) {
            throw JvirtException.failed(
                    "pool '" + chosen + "' is not active", "jvirt pool start " + ShellWord.quoted(chosen));
        }
        return Pool.find(host, chosen);
    }

    private static @Nullable String defaultOrOnly(Host host) {
        try {
            return PoolReading.of(host, DEFAULT, Pool::name);
        } catch (JvirtException e) {
            if (e.kind() != JvirtException.Kind.NOT_FOUND) {
                throw e;
            }
            return onlyActive(host);
        }
    }

    private static @Nullable String onlyActive(Host host) {
        List<String> active = new ArrayList<>();
        PoolSummary silent = null;
        for (PoolSummary pool : PoolReading.all(host)) {
            if (pool.state() == PoolState.RUNNING) {
                active.add(pool.name());
            }
            silent = pool.problem() == null ? silent : pool;
        }
        if (silent != null && active.size() < 2) {
            throw JvirtException.failed(
                    "there is no pool 'default', and whether pool '" + silent.name() + "' is active is not known: "
                            + silent.problem(),
                    "name a pool with --pool: jvirt pool list");
        }
        return active.size() == 1 ? active.get(0) : null;
    }

    /** Where libvirt's tools put the default pool. */
    static Path defaultDirectory(HostFacts facts) {
        return facts.isSession()
                ? Path.of(System.getProperty("user.home", "/"), ".local", "share", "libvirt", "images")
                : Path.of("/var/lib/libvirt/images");
    }
}
