// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.xml.XmlDocument;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The storage pool {@code default}: libvirt's usual directory, active and started with libvirt. */
public final class DefaultPool {
    public static final String NAME = "default";

    private static final String SYSTEM_DIRECTORY = "/var/lib/libvirt/images";

    /**
     * Makes the pool, starts it and has it started with libvirt, each only where it is not so yet.
     *
     * @return what was done, in a few words; null where nothing was to do
     */
    public static @Nullable String ensure(Host host) {
        try {
            return PoolReading.change(host, NAME, DefaultPool::start).orElse(null);
        } catch (JvirtException e) {
            if (e.kind() != JvirtException.Kind.NOT_FOUND) {
                throw e;
            }
        }
        String directory = directory(host.uri());
        PoolReading.refuseWhileOneHangs(host);
        refuseWhereTaken(host, directory);
        try (Pool made = Pool.define(host, xml(directory))) {
            made.build();
            start(made);
        }
        return "made pool 'default' in " + directory;
    }

    /** Two pools on one directory would each think that the volumes are theirs. */
    private static void refuseWhereTaken(Host host, String directory) {
        for (PoolSummary pool : PoolReading.all(host)) {
            if (directory.equals(pool.target())) {
                throw JvirtException.refused(
                        "pool '" + pool.name() + "' already uses " + directory + ", pool 'default' was not made",
                        "say --pool " + pool.name() + " where a pool is asked for");
            }
        }
    }

    private static Optional<String> start(Pool pool) {
        boolean isStarted = !pool.isActive();
        if (isStarted) {
            // Not built again: of a volume group or a file system that would be the end.
            pool.start();
        }
        if (pool.isPersistent() && !pool.autostart()) {
            pool.setAutostart(true);
        }
        return isStarted ? Optional.of("started pool 'default'") : Optional.empty();
    }

    static String xml(String directory) {
        XmlDocument pool = XmlDocument.of("pool");
        pool.root().attribute("type", "dir");
        pool.root().add("name").text(NAME);
        pool.root().add("target").add("path").text(directory);
        return pool.toString();
    }

    private static String directory(String uri) {
        if (!uri.endsWith("/session")) {
            return SYSTEM_DIRECTORY;
        }
        String data = System.getenv("XDG_DATA_HOME");
        Path base = data == null || data.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "share")
                : Path.of(data);
        return base.resolve("libvirt/images").toString();
    }

    private DefaultPool() {}
}
