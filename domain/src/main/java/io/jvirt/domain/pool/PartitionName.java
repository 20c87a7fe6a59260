// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Volumes of a pool of type disk are partitions, which the kernel names: libvirt makes the partition first, and then refuses a
 * volume of another name and leaves the partition there.
 */
public final class PartitionName {
    private static final long MIB = 1L << 20;

    private PartitionName() {}

    /**
     * The name of the next partition; null where the pool is of another type, or its disk is not told.
     *
     * @param later how many are to be made before
     */
    public static @Nullable String next(Pool pool, boolean isRemote, int later) {
        XmlElement root = XmlDocument.parse(pool.xml()).root();
        XmlElement source = root.element("source");
        XmlElement device = source == null ? null : source.element("device");
        String path = device == null ? null : device.attribute("path");
        if (path == null || !"disk".equals(root.attribute("type"))) {
            return null;
        }
        Set<String> taken = new HashSet<>();
        for (Volume volume : pool.volumes()) {
            try (volume) {
                taken.add(volume.name());
            }
        }
        String disk = disk(path, isRemote);
        String prefix = Character.isDigit(disk.charAt(disk.length() - 1)) ? disk + "p" : disk;
        int number = 0;
        for (int left = later; left >= 0; left--) {
            do {
                number++;
            } while (taken.contains(prefix + number));
        }
        return prefix + number;
    }

    private static String disk(String path, boolean isRemote) {
        Path found = Path.of(path);
        if (!isRemote) {
            try {
                found = found.toRealPath();
            } catch (IOException e) {
                // As it is called, then.
                return String.valueOf(found.getFileName());
            }
        }
        return String.valueOf(found.getFileName());
    }

    static void refuseOther(Pool pool, boolean isRemote, String name, long bytes) {
        String next = next(pool, isRemote, 0);
        if (next != null && !next.equals(name)) {
            throw JvirtException.usage(
                    "the volumes of pool '" + pool.name() + "' are partitions, and the next one is '" + next
                            + "', not '" + name + "'",
                    "jvirt volume create " + ShellWord.quoted(pool.name()) + " " + next + " "
                            + ((bytes + MIB - 1) / MIB) + "M");
        }
    }
}
