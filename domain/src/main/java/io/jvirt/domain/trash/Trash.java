// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolNames;
import io.jvirt.domain.pool.PoolType;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what is in the trash: by the links in the state directory, and in the areas of this machine's pools. */
public final class Trash {
    private static final Duration POOL_LIMIT = Duration.ofSeconds(5);

    private final Path links;

    public Trash(Path stateDirectory) {
        this.links = stateDirectory.resolve("trash");
    }

    /** A new entry's id. */
    public static String newId() {
        return Long.toString(0x100000000L | Integer.toUnsignedLong(new SecureRandom().nextInt()), 16)
                .substring(1);
    }

    /** Where an entry without disks has its record, and where the others have a link to theirs. */
    public Path linkOf(String id) {
        return links.resolve(id);
    }

    /** Null where the record is in the state directory itself. */
    public @Nullable Path linkOf(TrashRecord entry) {
        Path link = linkOf(entry.id());
        return entry.home().equals(link) ? null : link;
    }

    /** The machines that were deleted from a host's libvirt, oldest first. */
    public List<TrashRecord> list(Host host) throws IOException {
        Map<String, TrashRecord> found = new LinkedHashMap<>();
        for (Path link : list(links)) {
            add(Files.isSymbolicLink(link) ? Files.readSymbolicLink(link) : link, found);
        }
        if (!host.isRemote()) {
            for (Path directory : poolDirectories(host)) {
                for (Path area : TrashArea.candidates(directory)) {
                    for (Path entry : list(area)) {
                        add(entry, found);
                    }
                }
            }
        }
        String uri = host.uri();
        return found.values().stream()
                .filter(entry -> entry.uri().equals(uri))
                .sorted((a, b) -> a.deletedAt().compareTo(b.deletedAt()))
                .toList();
    }

    /** The entry of a name, or with an id; the name must be of one entry only. */
    public TrashRecord find(Host host, String nameOrId) throws IOException {
        List<TrashRecord> named = new ArrayList<>();
        for (TrashRecord entry : list(host)) {
            if (entry.id().equals(nameOrId)) {
                return entry;
            }
            if (entry.name().equals(nameOrId) || entry.uuid().equals(nameOrId)) {
                named.add(entry);
            }
        }
        if (named.isEmpty()) {
            throw JvirtException.notFound(
                    "no deleted domain '" + nameOrId + "' in the trash of " + host.uri(),
                    "jvirt trash list shows what is there");
        }
        if (named.size() > 1) {
            throw JvirtException.usage(
                    "'" + nameOrId + "' was deleted " + named.size() + " times: "
                            + String.join(
                                    ", ",
                                    named.stream()
                                            .map(e -> e.id() + " (" + e.deletedAt() + ")")
                                            .toList()),
                    "name one of them by its id");
        }
        return named.get(0);
    }

    private static void add(Path home, Map<String, TrashRecord> found) throws IOException {
        TrashRecord entry = TrashRecord.read(home);
        if (entry != null) {
            found.putIfAbsent(entry.id(), entry);
        }
    }

    private static List<Path> poolDirectories(Host host) {
        List<Path> directories = new ArrayList<>();
        for (String name : PoolNames.of(host, POOL_LIMIT).names()) {
            // The entries of one that does not answer have links too.
            List<Path> found =
                    Bounded.call("target of pool " + name, POOL_LIMIT, () -> directory(host, name), late -> {});
            if (found == null) {
                host.leaveOpen();
            } else {
                directories.addAll(found);
            }
        }
        return directories;
    }

    private static List<Path> directory(Host host, String name) {
        Pool named = Pool.named(host, name);
        if (named == null) {
            return List.of();
        }
        try (Pool pool = named) {
            XmlElement root = XmlDocument.parse(pool.xml()).root();
            XmlElement target = root.element("target");
            XmlElement path = target == null ? null : target.element("path");
            // One that is off may be on storage that does not answer.
            return path != null && pool.isActive() && PoolType.isDirectory(root.attribute("type"))
                    ? List.of(Path.of(path.text()))
                    : List.of();
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.sorted().toList();
        }
    }
}
