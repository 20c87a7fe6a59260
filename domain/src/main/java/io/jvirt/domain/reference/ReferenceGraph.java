// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.trash.TrashArea;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which domains and images use which files: every file that a definition or a snapshot names, the backing chains and data
 * files of all images of domains and pools, and what waits in the trash. A picture of one moment.
 */
public final class ReferenceGraph {
    private static final Duration DOMAIN_LIMIT = Duration.ofSeconds(15);
    /** More files than this are no pool of disks. */
    private static final int MAX_FILES = 50_000;

    private final Host host;
    private final boolean isLocal;
    private final @Nullable String snapshotsExceptUuid;
    private final List<BlindSpot> blindSpots = new ArrayList<>();
    private final ImageHeaders headers = new ImageHeaders(blindSpots);
    private final List<DomainFile> domainFiles = new ArrayList<>();
    private final List<SnapshotFile> snapshotFiles = new ArrayList<>();
    private final Map<String, List<ImageLink>> links = new LinkedHashMap<>();
    private final Map<String, Set<String>> imagesOfPool = new LinkedHashMap<>();
    private final Map<String, Set<Use>> uses = new HashMap<>();
    private final Set<Path> scanned = new HashSet<>();

    private ReferenceGraph(Host host, @Nullable String snapshotsExceptUuid) {
        this.host = host;
        this.snapshotsExceptUuid = snapshotsExceptUuid;
        this.isLocal = !host.isRemote();
    }

    /** Reads all domains and pools. */
    public static ReferenceGraph read(Host host) {
        return read(host, null, List.of());
    }

    /**
     * Reads everything.
     *
     * @param exceptUuid a domain that does not count, or null
     * @param moreDirectories places outside of any pool whose images count too
     */
    public static ReferenceGraph read(Host host, @Nullable String exceptUuid, Collection<Path> moreDirectories) {
        return read(new ReferenceGraph(host, exceptUuid), exceptUuid, moreDirectories);
    }

    /** The same with every domain, but without the snapshots of one, whose snapshots are looked at one by one. */
    public static ReferenceGraph readWithoutSnapshots(Host host, String ofUuid, Collection<Path> moreDirectories) {
        return read(new ReferenceGraph(host, ofUuid), null, moreDirectories);
    }

    private static ReferenceGraph read(
            ReferenceGraph graph, @Nullable String exceptUuid, Collection<Path> moreDirectories) {
        Host host = graph.host;
        for (PoolScan.Found pool : PoolScan.read(host, graph.blindSpots)) {
            graph.addPool(pool);
        }
        for (Path directory : moreDirectories) {
            graph.addDirectory(directory, new LinkedHashSet<>());
        }
        for (DomainSummary summary : host.listDomains()) {
            if (!summary.uuid().equals(exceptUuid)) {
                graph.addDomain(summary);
            }
        }
        graph.connect();
        return graph;
    }

    /** Who uses a file; empty where nobody does, as far as could be seen (see {@link #blindSpots}). */
    public List<Use> uses(String path) {
        return List.copyOf(uses.getOrDefault(identity(path), Set.of()));
    }

    /** What snapshots need, and perhaps no definition names any more. */
    public List<SnapshotFile> snapshotFiles() {
        return List.copyOf(snapshotFiles);
    }

    /** The snapshots that need a file, also those inside it that do not mind if it is written to. */
    public List<Use> snapshotsIn(String path) {
        List<Use> found = new ArrayList<>();
        for (SnapshotFile file : snapshotFiles) {
            if (isSameFile(file.path(), path)) {
                found.add(new Use(file.domain(), null, file.snapshot()));
            }
        }
        return found;
    }

    /** The domains that use a file, themselves or below an image of theirs. */
    public List<String> domainsUsing(String path) {
        List<String> names = new ArrayList<>();
        for (Use use : uses(path)) {
            if (use.domain() != null && !names.contains(use.domain())) {
                names.add(use.domain());
            }
        }
        return names;
    }

    /** What the definitions name, running and persistent ones. */
    public List<DomainFile> domainFiles() {
        return List.copyOf(domainFiles);
    }

    /** Every backing and data file that the header of a known image names, the image's own first. */
    public List<ImageLink> links() {
        return links.values().stream().flatMap(List::stream).toList();
    }

    /** The images below an image, nearest first; data files are not among them. */
    public List<String> chain(String path) {
        List<String> chain = new ArrayList<>();
        for (ImageLink link : chainLinks(path)) {
            if (link.kind() == ImageLink.Kind.BACKING) {
                chain.add(link.file());
            }
        }
        return chain;
    }

    /** The file that has an image's guest data; null where that is the image itself. */
    public @Nullable String dataFile(String path) {
        for (ImageLink link : chainLinks(path)) {
            if (link.kind() == ImageLink.Kind.DATA && isSameFile(link.image(), path)) {
                return link.file();
            }
        }
        return null;
    }

    /** The files and volumes of each pool that was seen, by the pool's name; those in the trash are not among them. */
    public Map<String, Set<String>> imagesOfPools() {
        return imagesOfPool;
    }

    /** What could not be looked at. */
    public List<BlindSpot> blindSpots() {
        return List.copyOf(blindSpots);
    }

    /** Whether two names are of the same file, as far as this machine can tell. */
    public boolean isSameFile(String one, String other) {
        return identity(one).equals(identity(other));
    }

    private void addPool(PoolScan.Found pool) {
        Set<String> images = imagesOfPool.computeIfAbsent(pool.pool(), p -> new LinkedHashSet<>());
        if (pool.directory() != null) {
            addDirectory(pool.directory(), images);
        }
        for (PoolScan.FoundVolume volume : pool.volumes()) {
            images.add(volume.path());
            if (volume.backingFile() != null) {
                links.computeIfAbsent(volume.path(), p -> new ArrayList<>())
                        .add(new ImageLink(
                                volume.path(), ImageLink.Kind.BACKING, volume.backingFile(), volume.backingFormat()));
            }
        }
    }

    private void addDirectory(Path directory, Set<String> images) {
        if (!isLocal
                || !headers.answers(directory.resolve("any"))
                || !Files.isDirectory(directory)
                || !scanned.add(directory)) {
            return;
        }
        for (Path file : filesIn(directory)) {
            if (!Files.isDirectory(file)) {
                images.add(file.toString());
                links.put(file.toString(), headers.links(file.toString(), file.toString()));
            }
        }
        for (Path area : TrashArea.candidates(directory)) {
            addTrash(area, directory);
        }
    }

    private void addTrash(Path area, Path directory) {
        for (Path entry : Files.isDirectory(area) ? filesIn(area) : List.<Path>of()) {
            for (Path file : Files.isDirectory(entry) ? filesIn(entry) : List.<Path>of()) {
                // Relative names are those of the directory that it came from.
                String origin = directory.resolve(file.getFileName()).toString();
                links.put(file.toString(), headers.links(file.toString(), origin));
            }
        }
    }

    private List<Path> filesIn(Path directory) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            for (Path file : found) {
                if (files.size() == MAX_FILES) {
                    blindSpots.add(new BlindSpot(directory.toString(), "it has more than " + MAX_FILES + " files"));
                    break;
                }
                files.add(file);
            }
        } catch (IOException | DirectoryIteratorException e) {
            blindSpots.add(new BlindSpot(directory.toString(), String.valueOf(e.getMessage())));
        }
        return files;
    }

    private void addDomain(DomainSummary summary) {
        Found found;
        try {
            found = Bounded.call("read domain " + summary.name(), DOMAIN_LIMIT, () -> filesOf(summary), late -> {});
        } catch (JvirtException e) {
            blindSpots.add(new BlindSpot("domain '" + summary.name() + "'", String.valueOf(e.getMessage())));
            return;
        }
        if (found == null) {
            blindSpots.add(new BlindSpot(
                    "domain '" + summary.name() + "'", "it does not answer within " + DOMAIN_LIMIT.toSeconds() + " s"));
            return;
        }
        for (DomainFile file : found.named()) {
            if (!domainFiles.contains(file)) {
                domainFiles.add(file);
            }
        }
        snapshotFiles.addAll(found.bySnapshots());
    }

    /** What a domain's definitions and its snapshots name. */
    private record Found(List<DomainFile> named, List<SnapshotFile> bySnapshots) {}

    private Found filesOf(DomainSummary summary) {
        List<DomainFile> found = new ArrayList<>();
        List<SnapshotFile> bySnapshots = List.of();
        try (Domain domain = host.domainWithUuid(summary.uuid())) {
            if (domain != null) {
                found.addAll(DefinedFiles.of(host, summary.name(), summary.uuid(), DomainXml.parse(domain.xml())));
                if (summary.persistent()) {
                    found.addAll(DefinedFiles.of(
                            host, summary.name(), summary.uuid(), DomainXml.parse(domain.inactiveXml())));
                }
                if (!summary.uuid().equals(snapshotsExceptUuid)) {
                    bySnapshots = SnapshotFiles.of(host, domain);
                }
            }
        }
        return new Found(found, bySnapshots);
    }

    /** The disk that lies on a file as the definition itself says; null where the file is the disk, or another thing. */
    private @Nullable String diskAbove(DomainFile file) {
        if (file.kind() == DomainFile.Kind.BACKING) {
            for (DomainFile other : domainFiles) {
                if (other.kind() == DomainFile.Kind.DISK
                        && other.uuid().equals(file.uuid())
                        && Objects.equals(other.target(), file.target())) {
                    return other.path();
                }
            }
        }
        return null;
    }

    private void connect() {
        for (DomainFile file : domainFiles) {
            add(file.path(), new Use(file.domain(), diskAbove(file)));
            if ("raw".equals(file.format())) {
                continue;
            }
            for (ImageLink link : chainLinks(file.path())) {
                links.computeIfAbsent(link.image(), p -> new ArrayList<>(List.of(link)));
                add(link.file(), new Use(file.domain(), link.image()));
            }
        }
        snapshotFiles.forEach(this::connect);
        for (List<ImageLink> ofImage : List.copyOf(links.values())) {
            for (ImageLink link : ofImage) {
                add(link.file(), new Use(null, link.image()));
            }
        }
    }

    /** A snapshot's file is one more use of it where the domain has gone on without it. */
    private void connect(SnapshotFile file) {
        if (!file.isFrozen() || domainsUsing(file.path()).contains(file.domain())) {
            return;
        }
        add(file.path(), new Use(file.domain(), null, file.snapshot()));
        for (ImageLink link : "raw".equals(file.format()) ? List.<ImageLink>of() : chainLinks(file.path())) {
            links.computeIfAbsent(link.image(), p -> new ArrayList<>(List.of(link)));
            add(link.file(), new Use(file.domain(), link.image(), file.snapshot()));
        }
    }

    private List<ImageLink> chainLinks(String path) {
        if (isLocal) {
            return headers.chain(path);
        }
        List<ImageLink> chain = new ArrayList<>();
        List<ImageLink> next = links.getOrDefault(path, List.of());
        while (!next.isEmpty() && chain.size() < ImageHeaders.MAX_CHAIN) {
            chain.addAll(next);
            next = links.getOrDefault(next.get(next.size() - 1).file(), List.of());
        }
        return chain;
    }

    private void add(String path, Use use) {
        uses.computeIfAbsent(identity(path), p -> new LinkedHashSet<>()).add(use);
    }

    private String identity(String path) {
        return isLocal ? headers.identity(path) : path;
    }
}
