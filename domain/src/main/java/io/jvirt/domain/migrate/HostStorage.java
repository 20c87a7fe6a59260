// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.pool.PoolType;
import io.jvirt.domain.xml.XmlDocument;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a host. libvirt shows files through pools only: for a directory that is in none a transient pool
 * is opened while the plan is made. Nothing is created, and {@link #close} takes the pools away again.
 */
final class HostStorage implements AutoCloseable {
    /**
     * A directory.
     *
     * @param pool the pool that it is, or would be
     * @param isPool the target has that pool by itself
     * @param isActive false for a pool that is off
     * @param exists the directory is there
     * @param fileBytes lengths of its files by name, also of directories
     * @param availableBytes -1 where it is not known
     */
    record Place(
            String directory,
            String pool,
            boolean isPool,
            boolean isActive,
            boolean exists,
            Map<String, Long> fileBytes,
            long availableBytes) {
        boolean has(String fileName) {
            return fileBytes.containsKey(fileName);
        }
    }

    private final Host host;
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, Pool> opened = new HashMap<>();
    private @Nullable Map<String, String> poolOfDirectory;

    HostStorage(Host host) {
        this.host = host;
    }

    Host host() {
        return host;
    }

    /** What is there of a directory. */
    Place at(String directory) {
        Place known = places.get(directory);
        if (known == null) {
            known = look(directory);
            places.put(directory, known);
        }
        return known;
    }

    boolean exists(String path) {
        Path file = Path.of(path).normalize();
        Path directory = file.getParent();
        return directory != null && at(directory.toString()).has(String.valueOf(file.getFileName()));
    }

    boolean isDirectory(String path) {
        return at(Path.of(path).normalize().toString()).exists();
    }

    /** The pool whose directory it is, or null; it need not be active. */
    @Nullable
    String poolOf(String directory) {
        return pools().get(directory);
    }

    /** The directory of a pool, or null where there is no such pool or it is none of a directory. */
    @Nullable
    String directoryOf(String poolName) {
        for (Map.Entry<String, String> entry : pools().entrySet()) {
            if (entry.getValue().equals(poolName)) {
                return entry.getKey();
            }
        }
        return null;
    }

    /** A name for the transient pool of a directory, the same each time. */
    static String transientName(String directory) {
        return "jvirt-move-" + Integer.toHexString(directory.hashCode());
    }

    private Place look(String directory) {
        String name = pools().get(directory);
        if (name != null) {
            try (Pool pool = Pool.find(host, name)) {
                return pool.isActive()
                        ? read(pool, directory, true)
                        : new Place(directory, name, true, false, true, Map.of(), -1);
            }
        }
        PoolReading.refuseWhileOneHangs(host);
        name = transientName(directory);
        XmlDocument xml = XmlDocument.of("pool");
        xml.root().attribute("type", "dir");
        xml.root().add("name").text(name);
        xml.root().add("target").add("path").text(directory);
        try {
            Pool pool = Pool.createTransient(host, xml.toString(), false);
            opened.put(directory, pool);
            return read(pool, directory, false);
        } catch (LibvirtException e) {
            if (!host.isAlive()) {
                throw e;
            }
            return new Place(directory, name, false, true, false, Map.of(), -1);
        }
    }

    private Place read(Pool pool, String directory, boolean isPool) {
        pool.refresh();
        Map<String, Long> files = new TreeMap<>();
        for (Volume volume : pool.volumes()) {
            try (volume) {
                files.put(volume.name(), volume.size().physicalBytes());
            }
        }
        return new Place(
                directory, pool.name(), isPool, true, true, files, pool.space().availableBytes());
    }

    private Map<String, String> pools() {
        Map<String, String> found = poolOfDirectory;
        if (found == null) {
            found = new TreeMap<>();
            for (PoolSummary pool : PoolReading.all(host)) {
                if (pool.target() != null && PoolType.isDirectory(pool.type())) {
                    found.put(Path.of(pool.target()).normalize().toString(), pool.name());
                }
            }
            poolOfDirectory = found;
        }
        return found;
    }

    @Override
    public void close() {
        for (Pool pool : opened.values()) {
            try (pool) {
                pool.stop();
            } catch (LibvirtException e) {
                // The connection is gone, or somebody else has stopped it.
                continue;
            }
        }
        opened.clear();
    }
}
