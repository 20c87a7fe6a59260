// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a deleted machine. On disk: {@code <trashed version='1'>} with an element for each component; the
 * definition and the snapshots' metadata are text in it, so that not a byte of them changes.
 *
 * @param id of the entry
 * @param uri the libvirt that it was defined in
 * @param deletedAt ISO 8601 in UTC
 * @param definition the persistent definition with its passwords
 * @param home the directory of the record
 */
public record TrashRecord(
        String id,
        String name,
        String uuid,
        String uri,
        String deletedAt,
        boolean autostart,
        String definition,
        List<TrashedFile> files,
        List<TrashedSnapshot> snapshots,
        Path home) {
    /** The record's file in the entry's directory. */
    public static final String FILE = "entry.xml";

    private static final String VERSION = "1";

    /** The directories of the entry, the record's own last. */
    public List<Path> directories() {
        Set<Path> directories = new LinkedHashSet<>();
        for (TrashedFile file : files) {
            Path directory = file.trash().getParent();
            if (directory != null && !directory.equals(home)) {
                directories.add(directory);
            }
        }
        directories.add(home);
        return List.copyOf(directories);
    }

    public String xml() {
        XmlDocument document = XmlDocument.of("trashed");
        XmlElement root = document.root().attribute("version", VERSION);
        root.add("id").text(id);
        root.add("name").text(name);
        root.add("uuid").text(uuid);
        root.add("uri").text(uri);
        root.add("deletedAt").text(deletedAt);
        root.add("autostart").text(Boolean.toString(autostart));
        for (TrashedFile file : files) {
            root.add("file")
                    .attribute("kind", file.kind().name().toLowerCase(Locale.ROOT))
                    .attribute("origin", file.origin().toString())
                    .attribute("trash", file.trash().toString())
                    .attribute("pool", file.pool());
        }
        root.add("definition").text(definition);
        for (TrashedSnapshot snapshot : snapshots) {
            root.add("snapshot")
                    .attribute("current", snapshot.isCurrent() ? "yes" : null)
                    .text(snapshot.xml());
        }
        return document.toString();
    }

    /** Reads the record of an entry's directory; null where there is none. */
    static @Nullable TrashRecord read(Path home) throws IOException {
        Path file = home.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            return parse(Files.readString(file), home);
        } catch (RuntimeException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "the trash's record " + file + " cannot be read: " + e.getMessage(),
                    "the files beside it are a deleted machine's; look at them by hand",
                    e);
        }
    }

    private static TrashRecord parse(String xml, Path home) {
        XmlElement root = XmlDocument.parse(xml).root();
        if (!VERSION.equals(root.attribute("version"))) {
            throw new IllegalArgumentException("its version is '" + root.attribute("version") + "'");
        }
        List<TrashedFile> files = new ArrayList<>();
        for (XmlElement file : root.elements("file")) {
            files.add(new TrashedFile(
                    TrashedFile.Kind.valueOf(required(file, "kind").toUpperCase(Locale.ROOT)),
                    Path.of(required(file, "origin")),
                    Path.of(required(file, "trash")),
                    file.attribute("pool")));
        }
        List<TrashedSnapshot> snapshots = new ArrayList<>();
        for (XmlElement snapshot : root.elements("snapshot")) {
            snapshots.add(new TrashedSnapshot(snapshot.text(), "yes".equals(snapshot.attribute("current"))));
        }
        return new TrashRecord(
                text(root, "id"),
                text(root, "name"),
                text(root, "uuid"),
                text(root, "uri"),
                text(root, "deletedAt"),
                Boolean.parseBoolean(text(root, "autostart")),
                text(root, "definition"),
                files,
                snapshots,
                home);
    }

    private static String required(XmlElement element, String attribute) {
        String value = element.attribute(attribute);
        if (value == null) {
            throw new IllegalArgumentException("a file has no " + attribute);
        }
        return value;
    }

    private static String text(XmlElement root, String name) {
        XmlElement element = root.element(name);
        if (element == null) {
            throw new IllegalArgumentException("it has no " + name);
        }
        return element.text();
    }
}
