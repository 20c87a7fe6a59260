// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolSpace;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import org.jspecify.annotations.Nullable;

/**
 * A storage pool in an answer. Sizes are null while it is off.
 *
 * @param type dir, fs, netfs, logical, …
 * @param target where its volumes lie on the host
 */
public record ListedPool(
        String name,
        String uuid,
        PoolState state,
        boolean persistent,
        boolean autostart,
        String type,
        @Nullable String target,
        @Nullable Long capacityBytes,
        @Nullable Long allocationBytes,
        @Nullable Long availableBytes) {
    static ListedPool of(Pool pool) {
        PoolSpace space = pool.space();
        boolean known = space.state() == PoolState.RUNNING || space.state() == PoolState.DEGRADED;
        XmlElement root = XmlDocument.parse(pool.xml()).root();
        XmlElement target = root.element("target");
        XmlElement path = target == null ? null : target.element("path");
        String type = root.attribute("type");
        return new ListedPool(
                pool.name(),
                pool.uuid(),
                space.state(),
                pool.isPersistent(),
                pool.autostart(),
                type == null ? "" : type,
                path == null ? null : path.text(),
                known ? space.capacityBytes() : null,
                known ? space.allocationBytes() : null,
                known ? space.availableBytes() : null);
    }
}
