// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolSpace;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import org.jspecify.annotations.Nullable;

/**
 * A storage pool. Sizes are null while it is off.
 *
 * @param type dir, fs, netfs, logical, …
 * @param target where its volumes lie on the host
 * @param source where they come from, where that is not the target: {@code server:/export}, a device, a volume group
 * @param problem why nothing more is known, or null
 */
public record PoolSummary(
        String name,
        @Nullable String uuid,
        PoolState state,
        boolean persistent,
        boolean autostart,
        String type,
        @Nullable String target,
        @Nullable String source,
        @Nullable Long capacityBytes,
        @Nullable Long allocationBytes,
        @Nullable Long availableBytes,
        @Nullable String problem) {
    /** Asks libvirt; where the pool's storage hangs, this hangs: see {@link PoolReading}. */
    static PoolSummary of(Pool pool) {
        PoolSpace space = pool.space();
        boolean known = space.state() == PoolState.RUNNING || space.state() == PoolState.DEGRADED;
        XmlElement root = XmlDocument.parse(pool.xml()).root();
        String type = root.attribute("type");
        return new PoolSummary(
                pool.name(),
                pool.uuid(),
                space.state(),
                pool.isPersistent(),
                pool.autostart(),
                type == null ? "" : type,
                target(root),
                source(root.element("source")),
                known ? space.capacityBytes() : null,
                known ? space.allocationBytes() : null,
                known ? space.availableBytes() : null,
                null);
    }

    /** One of which only the name is known. */
    static PoolSummary silent(String name, String problem) {
        return new PoolSummary(
                name, null, PoolState.INACCESSIBLE, true, false, "", null, null, null, null, null, problem);
    }

    static @Nullable String target(XmlElement pool) {
        XmlElement target = pool.element("target");
        XmlElement path = target == null ? null : target.element("path");
        return path == null ? null : path.text().strip();
    }

    private static @Nullable String source(@Nullable XmlElement source) {
        if (source == null) {
            return null;
        }
        XmlElement host = source.element("host");
        XmlElement directory = source.element("dir");
        XmlElement name = source.element("name");
        XmlElement device = source.element("device");
        if (host != null && directory != null) {
            return host.attribute("name") + ":" + directory.attribute("path");
        }
        if (name != null) {
            return name.text();
        }
        return device == null ? null : device.attribute("path");
    }
}
