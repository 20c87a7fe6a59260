// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The images that one disk is based on. The running definition has them all; else each image's own metadata names the
 * next: read here where the file is this machine's, by libvirt where it is a volume of a pool.
 */
public final class BackingChain {
    private BackingChain() {}

    /**
     * Nearest first; what cannot be read ends the chain.
     *
     * @param disk the disk's element
     * @param path its file or device, or null
     * @param format the format that the definition says it has, or null
     */
    public static List<String> of(Host host, XmlElement disk, @Nullable String path, @Nullable String format) {
        List<String> live = fromDefinition(disk);
        if (!live.isEmpty() || path == null || "raw".equals(format)) {
            return live;
        }
        boolean local = !host.isRemote();
        ImageHeaders headers = new ImageHeaders(new ArrayList<>());
        List<String> chain = new ArrayList<>();
        String next = next(host, headers, path, local);
        while (next != null && chain.size() < ImageHeaders.MAX_CHAIN && !chain.contains(next)) {
            chain.add(next);
            next = next(host, headers, next, local);
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

    /** What a source element names, for people: a path, POOL/VOLUME, or PROTOCOL:NAME. */
    public static @Nullable String sourceName(XmlElement source) {
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

    private static @Nullable String next(Host host, ImageHeaders headers, String image, boolean local) {
        if (local && headers.answers(Path.of(image)) && Files.isReadable(Path.of(image))) {
            for (ImageLink link : headers.links(image, image)) {
                if (link.kind() == ImageLink.Kind.BACKING) {
                    return link.file();
                }
            }
            return null;
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
}
