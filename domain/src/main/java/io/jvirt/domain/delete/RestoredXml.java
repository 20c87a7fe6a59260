// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A definition, and snapshots of it, under another name or UUID and with files at other places; else not a byte changes. */
final class RestoredXml {
    private final String name;
    private final String uuid;
    private final Map<String, String> places = new HashMap<>();
    private final Map<String, String> volumes = new HashMap<>();

    RestoredXml(String name, String uuid, Map<TrashedFile, Path> targets) {
        this.name = name;
        this.uuid = uuid;
        targets.forEach((file, target) -> {
            if (!file.origin().equals(target)) {
                places.put(file.origin().toString(), target.toString());
                volumes.put(file.pool() + "/" + file.origin().getFileName(), String.valueOf(target.getFileName()));
            }
        });
    }

    String definition(String xml) {
        DomainXml domain = DomainXml.parse(xml);
        change(domain.element());
        return domain.text();
    }

    /** A snapshot's metadata has the definition of its time in it, twice for one of a running machine. */
    String snapshot(String xml) {
        XmlDocument document = XmlDocument.parse(xml);
        for (String element : new String[] {"domain", "inactiveDomain"}) {
            XmlElement domain = document.root().element(element);
            if (domain != null) {
                change(domain);
            }
        }
        move(document.root());
        return document.toString();
    }

    private void change(XmlElement domain) {
        setText(domain, "name", name);
        setText(domain, "uuid", uuid);
        move(domain);
    }

    private static void setText(XmlElement domain, String child, String value) {
        XmlElement element = domain.element(child);
        if (element != null && !element.text().equals(value)) {
            element.text(value);
        }
    }

    private void move(XmlElement element) {
        String file = element.attribute("file");
        String place = file == null ? null : placeOf(file);
        if (place != null) {
            element.attribute("file", place);
        }
        String nvram = element.name().equals("nvram") ? placeOf(element.text()) : null;
        if (nvram != null) {
            element.text(nvram);
        }
        String pool = element.name().equals("source") ? element.attribute("pool") : null;
        String volume = element.attribute("volume");
        if (pool != null && volume != null) {
            element.attribute("volume", volumes.getOrDefault(pool + "/" + volume, volume));
        }
        element.elements().forEach(this::move);
    }

    /** As the definition has it, which need not be the shortest way to write it; null where it has not moved. */
    private @Nullable String placeOf(String file) {
        return places.get(Path.of(file.strip()).normalize().toString());
    }
}
