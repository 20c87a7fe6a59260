// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Names of guest systems, from libosinfo's database where it is installed. */
final class OsVariant {
    private static final String LOCATION = "OSINFO_SYSTEM_DIR";

    private OsVariant() {}

    /** Where libosinfo keeps what it knows of systems; its own variable names another place. */
    static Path database() {
        String named = System.getenv(LOCATION);
        return Path.of(named == null || named.isEmpty() ? "/usr/share/osinfo" : named, "os");
    }

    /** The id of a short name such as {@code debian12}; null where there is no database to ask. */
    static @Nullable String idOf(String name) {
        return idOf(name, database());
    }

    static @Nullable String idOf(String name, Path database) {
        if (name.startsWith("http://") || name.startsWith("https://")) {
            return name;
        }
        if (List.of("generic", "none", "detect").contains(name) || !Files.isDirectory(database)) {
            return null;
        }
        String element = "<short-id>" + name + "</short-id>";
        try (Stream<Path> files = Files.walk(database)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".xml")).toList()) {
                String text = Files.readString(file);
                if (text.contains(element)) {
                    XmlElement os = XmlDocument.parse(text).root().element("os");
                    return os == null ? null : os.attribute("id");
                }
            }
        } catch (IOException e) {
            return null;
        }
        throw JvirtException.usage(
                "the guest system '" + name + "' is not in libosinfo's database",
                "osinfo-query os lists the names for --os-variant; 'generic' fits all");
    }
}
