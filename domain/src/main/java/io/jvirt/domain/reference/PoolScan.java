// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolNames;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.pool.PoolType;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What lies in the pools of a host, as far as they answer. */
final class PoolScan {
    private static final Duration LIST_LIMIT = Duration.ofSeconds(5);
    private static final Duration POOL_LIMIT = Duration.ofSeconds(15);

    /**
     * A pool.
     *
     * @param directory where its files lie, if they are files of this machine; they are then read themselves, because
     *     libvirt's list is as old as its last refresh
     * @param volumes what libvirt lists, where the pool is no such directory
     */
    record Found(String pool, @Nullable Path directory, List<FoundVolume> volumes) {}

    /** A volume, and the image that libvirt found below it. */
    record FoundVolume(
            String path,
            @Nullable String backingFile,
            @Nullable String backingFormat) {}

    private PoolScan() {}

    static List<Found> read(Host host, List<BlindSpot> blindSpots) {
        List<Found> found = new ArrayList<>();
        boolean local = !host.isRemote();
        PoolNames listed = PoolNames.of(host, LIST_LIMIT);
        if (listed.names().isEmpty() && listed.hangs()) {
            blindSpots.add(new BlindSpot("the pools", "libvirt does not list them: one of them hangs"));
        }
        for (String name : listed.names()) {
            Found one = null;
            try {
                // Once one hangs, its neighbours that do not answer soon are no better.
                Duration limit = listed.hangs() ? LIST_LIMIT : POOL_LIMIT;
                one = Bounded.call("look into pool " + name, limit, () -> look(host, name, local), late -> {});
                if (one == null) {
                    host.leaveOpen();
                    blindSpots.add(new BlindSpot(
                            "pool '" + name + "'", "it does not answer within " + limit.toSeconds() + " s"));
                }
            } catch (LibvirtException e) {
                blindSpots.add(new BlindSpot("pool '" + name + "'", e.reason()));
            } catch (JvirtException e) {
                // One that has gone since it was listed holds nothing.
                if (e.kind() != JvirtException.Kind.NOT_FOUND) {
                    blindSpots.add(new BlindSpot("pool '" + name + "'", String.valueOf(e.getMessage())));
                }
            }
            if (one != null) {
                found.add(one);
            }
        }
        return found;
    }

    /** Opens and closes the pool: whoever waited for it may have given up. */
    private static Found look(Host host, String name, boolean local) {
        try (Pool pool = Pool.find(host, name)) {
            XmlElement root = XmlDocument.parse(pool.xml()).root();
            XmlElement target = root.element("target");
            XmlElement path = target == null ? null : target.element("path");
            if (path != null && local && PoolType.isDirectory(root.attribute("type"))) {
                return new Found(pool.name(), Path.of(path.text()), List.of());
            }
            List<FoundVolume> volumes = new ArrayList<>();
            if (pool.isActive()) {
                for (Volume volume : pool.volumes()) {
                    addVolume(volume, volumes);
                }
            }
            return new Found(pool.name(), null, volumes);
        }
    }

    private static void addVolume(Volume volume, List<FoundVolume> volumes) {
        try (volume) {
            XmlElement store = XmlDocument.parse(volume.xml()).root().element("backingStore");
            XmlElement path = store == null ? null : store.element("path");
            XmlElement format = store == null ? null : store.element("format");
            volumes.add(new FoundVolume(
                    volume.path(),
                    path == null || path.text().isBlank() ? null : path.text(),
                    format == null ? null : format.attribute("type")));
        } catch (LibvirtException e) {
            // It has gone since the list was made.
        }
    }
}
