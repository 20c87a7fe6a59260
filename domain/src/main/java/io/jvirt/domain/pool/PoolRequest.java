// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ObjectName;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool that is to be made. What it leaves out is null; libvirt's own defaults then hold.
 *
 * @param target where its volumes are to be seen on the host
 * @param sourceHost the server of a network file system
 * @param sourcePath what the server exports
 * @param sourceDevices the devices of a file system, volume group or disk
 * @param sourceName the volume group
 * @param sourceFormat the file system, label or protocol: ext4, gpt, nfs
 */
public record PoolRequest(
        String name,
        PoolType type,
        @Nullable String target,
        @Nullable String sourceHost,
        @Nullable String sourcePath,
        List<String> sourceDevices,
        @Nullable String sourceName,
        @Nullable String sourceFormat) {

    public PoolRequest {
        sourceDevices = List.copyOf(sourceDevices);
    }

    /** A pool of files in a directory. */
    public static PoolRequest ofDirectory(String name, String directory) {
        return new PoolRequest(name, PoolType.DIR, directory, null, null, List.of(), null, null);
    }

    /** Throws USAGE where something that the type needs is missing, or given and of no use. */
    public PoolRequest check() {
        ObjectName.check("pool", name);
        switch (type) {
            case DIR -> {
                need("--target", target);
                refuse("--source-host", sourceHost);
                refuse("--source-path", sourcePath);
                refuseDevices();
                refuse("--source-name", sourceName);
                refuse("--source-format", sourceFormat);
            }
            case FS, DISK -> {
                if (type == PoolType.FS) {
                    need("--target", target);
                }
                if (sourceDevices.size() != 1) {
                    throw missing("one --source-dev");
                }
                refuse("--source-host", sourceHost);
                refuse("--source-path", sourcePath);
                refuse("--source-name", sourceName);
            }
            case NETFS -> {
                need("--target", target);
                need("--source-host", sourceHost);
                need("--source-path", sourcePath);
                refuseDevices();
                refuse("--source-name", sourceName);
            }
            case LOGICAL -> {
                refuse("--source-host", sourceHost);
                refuse("--source-path", sourcePath);
            }
        }
        absolute("--target", target);
        for (String device : sourceDevices) {
            absolute("--source-dev", device);
        }
        return this;
    }

    private void need(String option, @Nullable String value) {
        if (value == null) {
            throw missing(option);
        }
    }

    private JvirtException missing(String what) {
        return JvirtException.usage(
                "a pool of type " + type.id() + " needs " + what,
                "jvirt pool create --help has an example of each type");
    }

    private void refuse(String option, @Nullable String value) {
        if (value != null) {
            throw JvirtException.usage(
                    option + " means nothing to a pool of type " + type.id(),
                    "jvirt pool create --help has an example of each type");
        }
    }

    private void refuseDevices() {
        refuse("--source-dev", sourceDevices.isEmpty() ? null : sourceDevices.get(0));
    }

    private static void absolute(String option, @Nullable String path) {
        if (path != null && !path.startsWith("/")) {
            throw JvirtException.usage(
                    option + " '" + path + "' is no absolute path", "it is a path of the host: begin with /");
        }
    }

    /** The volume group: libvirt takes the pool's name where none is given. */
    String group() {
        return sourceName == null ? name : sourceName;
    }

    /** The target that libvirt will use. */
    String effectiveTarget() {
        if (target != null) {
            return target;
        }
        return type == PoolType.LOGICAL ? "/dev/" + group() : "/dev";
    }

    /** libvirt's XML. */
    public String xml(String uuid) {
        XmlDocument document = XmlDocument.of("pool");
        XmlElement pool = document.root();
        pool.attribute("type", type.id());
        pool.add("name").text(name);
        pool.add("uuid").text(uuid);
        if (type != PoolType.DIR) {
            XmlElement source = pool.add("source");
            if (sourceHost != null) {
                source.add("host").attribute("name", sourceHost);
            }
            for (String device : sourceDevices) {
                source.add("device").attribute("path", device);
            }
            if (sourcePath != null) {
                source.add("dir").attribute("path", sourcePath);
            }
            if (type == PoolType.LOGICAL) {
                source.add("name").text(group());
            }
            String format = sourceFormat == null && type == PoolType.LOGICAL ? "lvm2" : sourceFormat;
            if (format != null) {
                source.add("format").attribute("type", format);
            }
        }
        pool.add("target").add("path").text(effectiveTarget());
        return document.toString();
    }
}
