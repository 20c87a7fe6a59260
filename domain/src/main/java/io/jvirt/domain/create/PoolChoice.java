// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
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
        Pool pool = name == null ? Pool.named(host, DEFAULT) : Pool.find(host, name);
        if (pool == null) {
            pool = onlyActive(host);
        }
        if (pool == null) {
            if (host.isRemote()) {
                throw JvirtException.notFound(
                        "there is no pool 'default' on " + host.uri(), "name one with --pool: jvirt pool list");
            }
            return null;
        }
        if (!pool.isActive()) {
            String off = pool.name();
            pool.close();
            throw JvirtException.failed("pool '" + off + "' is not active", "jvirt pool start " + off);
        }
        return pool;
    }

    private static @Nullable Pool onlyActive(Host host) {
        List<Pool> active = new ArrayList<>();
        for (Pool pool : Pool.list(host)) {
            if (pool.isActive()) {
                active.add(pool);
            } else {
                pool.close();
            }
        }
        if (active.size() == 1) {
            return active.get(0);
        }
        active.forEach(Pool::close);
        return null;
    }

    /** Where libvirt's tools put the default pool. */
    static Path defaultDirectory(HostFacts facts) {
        return facts.isSession()
                ? Path.of(System.getProperty("user.home", "/"), ".local", "share", "libvirt", "images")
                : Path.of("/var/lib/libvirt/images");
    }
}
