// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which domains and images use which files: over all domains' disks with their backing chains, and all images in active
 * pools. Paths are compared with links resolved where the files are this machine's.
 */
public final class DiskReferences {
    /**
     * A use of a file.
     *
     * @param domain the domain, or null where it is an image that lies on top of the file
     * @param image the image on top; null where the domain uses the file itself
     */
    public record Use(@Nullable String domain, @Nullable String image) {
        @Override
        public String toString() {
            if (domain == null) {
                return "image " + image;
            }
            return image == null ? "domain '" + domain + "'" : "domain '" + domain + "' below " + image;
        }
    }

    private final Host host;
    private final boolean isLocal;
    private final Map<String, List<Use>> uses = new HashMap<>();
    private final Set<String> followed = new HashSet<>();

    private DiskReferences(Host host) {
        this.host = host;
        this.isLocal = !host.isRemote();
    }

    /**
     * Reads everything.
     *
     * @param exceptUuid a domain that does not count, or null
     * @param moreDirectories places outside of any pool whose images count too
     */
    public static DiskReferences read(Host host, @Nullable String exceptUuid, Set<Path> moreDirectories)
            throws IOException {
        DiskReferences references = new DiskReferences(host);
        for (DomainSummary summary : host.listDomains()) {
            if (!summary.uuid().equals(exceptUuid)) {
                references.addDomain(summary);
            }
        }
        references.addPools(moreDirectories);
        return references;
    }

    /** Who uses a file. */
    public List<Use> of(String path) throws IOException {
        return uses.getOrDefault(canonical(path), List.of());
    }

    private void addDomain(DomainSummary summary) throws IOException {
        try (Domain domain = host.domainWithUuid(summary.uuid())) {
            if (domain == null) {
                return;
            }
            Set<String> paths = new HashSet<>(sources(DomainXml.parse(domain.xml())));
            if (summary.persistent()) {
                paths.addAll(sources(DomainXml.parse(domain.inactiveXml())));
            }
            for (String path : paths) {
                add(path, new Use(summary.name(), null));
                String image = path;
                for (String backing : backingChain(path)) {
                    add(backing, new Use(summary.name(), image));
                    image = backing;
                }
            }
        }
    }

    private List<String> sources(DomainXml domain) {
        List<String> paths = new ArrayList<>();
        for (Disk disk : domain.disks()) {
            String path = DomainDisk.pathOf(host, disk);
            if (path != null) {
                paths.add(path);
            }
            for (XmlElement store = disk.element().element("backingStore");
                    store != null;
                    store = store.element("backingStore")) {
                XmlElement source = store.element("source");
                String file = source == null ? null : source.attribute("file");
                if (file != null) {
                    paths.add(file);
                }
            }
        }
        return paths;
    }

    private List<String> backingChain(String path) {
        return isLocal ? BackingChain.of(Path.of(path)) : List.of();
    }

    private void addPools(Set<Path> moreDirectories) throws IOException {
        Set<Path> directories = new HashSet<>(moreDirectories);
        for (Pool pool : Pool.list(host)) {
            try (pool) {
                if (!pool.isActive()) {
                    continue;
                }
                XmlElement root = XmlDocument.parse(pool.xml()).root();
                XmlElement target = root.element("target");
                XmlElement path = target == null ? null : target.element("path");
                if (path != null && isLocal && "dir fs netfs".contains(String.valueOf(root.attribute("type")))) {
                    directories.add(Path.of(path.text()));
                } else {
                    addVolumes(pool);
                }
            }
        }
        for (Path directory : directories) {
            addImagesIn(directory);
        }
    }

    private void addVolumes(Pool pool) throws IOException {
        for (Volume volume : pool.volumes()) {
            try (volume) {
                XmlElement root = XmlDocument.parse(volume.xml()).root();
                XmlElement store = root.element("backingStore");
                XmlElement path = store == null ? null : store.element("path");
                if (path != null) {
                    add(path.text(), new Use(null, volume.path()));
                }
            } catch (LibvirtException e) {
                // A volume that has gone since the list was made uses nothing.
                continue;
            }
        }
    }

    /** Looks at the files themselves: libvirt's list is as old as the last refresh. */
    private void addImagesIn(Path directory) throws IOException {
        if (!isLocal || !Files.isDirectory(directory) || !followed.add(directory.toString())) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String image = file.toString();
                for (String backing : BackingChain.of(file)) {
                    add(backing, new Use(null, image));
                    image = backing;
                }
            }
        }
    }

    private void add(String path, Use use) throws IOException {
        List<Use> known = uses.computeIfAbsent(canonical(path), p -> new ArrayList<>());
        if (!known.contains(use)) {
            known.add(use);
        }
    }

    private String canonical(String path) throws IOException {
        if (!isLocal) {
            return path;
        }
        Path file = Path.of(path);
        return Files.exists(file)
                ? file.toRealPath().toString()
                : file.toAbsolutePath().normalize().toString();
    }
}
