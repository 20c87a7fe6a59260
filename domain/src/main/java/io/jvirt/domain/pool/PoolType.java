// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The types of pool that jvirt makes, and what making one does to the host. */
public enum PoolType {
    /** Files in a directory. */
    DIR(false),
    /** Files in a file system of its own, which libvirt mounts. */
    FS(true),
    /** Files in a network file system, which libvirt mounts. */
    NETFS(false),
    /** Logical volumes of an LVM volume group. */
    LOGICAL(true),
    /** Partitions of a disk. */
    DISK(true);

    private final boolean isWrittenByBuild;

    PoolType(boolean isWrittenByBuild) {
        this.isWrittenByBuild = isWrittenByBuild;
    }

    public static PoolType parse(String text) {
        for (PoolType type : values()) {
            if (type.id().equals(text)) {
                return type;
            }
        }
        throw JvirtException.usage(
                "pool type '" + text + "' is not one that jvirt makes",
                "the types are dir, fs, netfs, logical and disk; jvirt pool define FILE takes any that libvirt knows");
    }

    /** libvirt's word. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the volumes of a pool of a type, in libvirt's words, are files in a directory. */
    public static boolean isDirectory(@Nullable String type) {
        return "dir".equals(type) || "fs".equals(type) || "netfs".equals(type);
    }

    /** Building writes a file system, a volume group or a label onto a device. */
    boolean isWrittenByBuild() {
        return isWrittenByBuild;
    }
}
