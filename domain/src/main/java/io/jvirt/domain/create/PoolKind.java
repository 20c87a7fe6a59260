// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.pool.PoolType;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What sort of pool it is.
 *
 * @param type libvirt's word: dir, fs, netfs, logical, …
 * @param targetPath where its volumes are seen
 */
public record PoolKind(String type, String targetPath) {
    private static final List<String> DEVICES = List.of("logical", "disk", "iscsi", "scsi", "mpath", "zfs");

    public static PoolKind of(Pool pool) {
        XmlElement root = XmlDocument.parse(pool.xml()).root();
        String type = root.attribute("type");
        XmlElement target = root.element("target");
        XmlElement path = target == null ? null : target.element("path");
        PoolKind kind = new PoolKind(type == null ? "" : type, path == null ? "" : path.text());
        if (path == null || (!PoolType.isDirectory(kind.type) && !DEVICES.contains(kind.type))) {
            throw JvirtException.failed(
                    "pool '" + pool.name() + "' is of type " + kind.type + ", in which disks cannot be created yet",
                    "choose another pool: jvirt pool list");
        }
        return kind;
    }

    public boolean isDevices() {
        return DEVICES.contains(type);
    }

    /** The directory where this process can make files, or null where only libvirt can. */
    public @Nullable Path localDirectory(Host host) {
        if (host.isRemote() || !PoolType.isDirectory(type) || host.hypervisor().equalsIgnoreCase("test")) {
            return null;
        }
        Path directory = Path.of(targetPath);
        return Files.isDirectory(directory) && Files.isWritable(directory) ? directory : null;
    }
}
