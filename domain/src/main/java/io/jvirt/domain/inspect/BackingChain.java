// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.FileName;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.qcow2.Qcow2Description;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The images that a disk is based on. The running definition has them all; else each image's own metadata names the next:
 * read here where the file is this machine's, by libvirt where it is a volume of a pool.
 */
final class BackingChain {
    private static final int MAX_LENGTH = 200;

    private BackingChain() {}

    static List<String> of(Host host, XmlElement disk, @Nullable String path, @Nullable String format, boolean local) {
        List<String> live = fromDefinition(disk);
        if (!live.isEmpty() || path == null || "raw".equals(format)) {
            return live;
        }
        List<String> chain = new ArrayList<>();
        String next = next(host, path, local);
        while (next != null && chain.size() < MAX_LENGTH && !chain.contains(next)) {
            chain.add(next);
            next = next(host, next, local);
        }
        return chain;
    }

    private static List<String> fromDefinition(XmlElement disk) {
        List<String> chain = new ArrayList<>();
        XmlElement backing = disk.element("backingStore");
        while (backing != null) {
            XmlElement source = backing.element("source");
            String name = source == null ? null : sourceName(source);
            if (name != null) {
                chain.add(name);
            }
            backing = backing.element("backingStore");
        }
        return chain;
    }

    static @Nullable String sourceName(XmlElement source) {
        for (String attribute : new String[] {"file", "dev", "dir"}) {
            String value = source.attribute(attribute);
            if (value != null) {
                return value;
            }
        }
        String pool = source.attribute("pool");
        if (pool != null) {
            return pool + "/" + source.attribute("volume");
        }
        String protocol = source.attribute("protocol");
        return protocol == null ? null : protocol + ":" + source.attribute("name");
    }

    private static @Nullable String next(Host host, String image, boolean local) {
        if (local && Files.isReadable(Path.of(image))) {
            return fromImage(image);
        }
        try (Volume volume = image.startsWith("/") ? Volume.atPath(host, image) : null) {
            if (volume == null) {
                return null;
            }
            XmlElement backing = XmlDocument.parse(volume.xml()).root().element("backingStore");
            XmlElement path = backing == null ? null : backing.element("path");
            return path == null || path.text().isBlank() ? null : path.text();
        }
    }

    private static @Nullable String fromImage(String image) {
        try {
            ImageDescription description = DiskImages.describe(
                    OpenRequest.of(Path.of(image)).forceShare().withoutBacking());
            Qcow2Description qcow2 = description.qcow2();
            String stored = qcow2 == null ? null : qcow2.header().backingFile();
            return stored == null
                    ? null
                    : FileName.resolve(Path.of(image), stored).toString();
        } catch (IOException e) {
            // A damaged image has no chain to show; check tells what is wrong with it.
            return null;
        }
    }
}
