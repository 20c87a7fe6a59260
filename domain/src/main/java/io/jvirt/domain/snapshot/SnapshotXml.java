// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.snapshot;

import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;
import io.jvirt.domain.xml.device.Disk;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A snapshot's definition ({@code <domainsnapshot>}). */
final class SnapshotXml extends XmlView {
    static final String EXTERNAL = "external";

    static final Property<String> NAME = Property.text("name");
    static final Property<String> DESCRIPTION = Property.text("description");
    /** Of the domain when it was taken: {@code running}, {@code shutoff}, {@code disk-snapshot}, … */
    static final Property<String> STATE = Property.text("state");

    static final Property<Long> CREATED_SECONDS = Property.number("creationTime");
    static final Property<String> PARENT = Property.text("parent/name");
    /** {@code internal}, {@code external} or {@code no}. */
    static final Property<String> MEMORY = Property.text("memory/@snapshot");

    static final Property<String> MEMORY_FILE = Property.text("memory/@file");

    private final XmlDocument document;

    private SnapshotXml(XmlDocument document) {
        super(document.root());
        this.document = document;
    }

    static SnapshotXml parse(String source) {
        return new SnapshotXml(XmlDocument.parse(source));
    }

    /** A definition that asks for a snapshot. */
    static SnapshotXml of(String name, @Nullable String description) {
        SnapshotXml xml = new SnapshotXml(XmlDocument.of("domainsnapshot"));
        xml.set(NAME, name).set(DESCRIPTION, description);
        return xml;
    }

    String text() {
        return document.toString();
    }

    void addDisk(String target, String snapshot, @Nullable String file) {
        XmlElement disks = element().element("disks");
        XmlElement disk = (disks == null ? element().add("disks") : disks).add("disk");
        disk.attribute("name", target).attribute("snapshot", snapshot);
        if (file != null) {
            disk.add("driver").attribute("type", "qcow2");
            disk.add("source").attribute("file", file);
        }
    }

    /** The overlays that were made for it, by the disks' targets; null where libvirt does not say the file. */
    Map<String, @Nullable String> overlays() {
        Map<String, @Nullable String> found = new LinkedHashMap<>();
        XmlElement disks = element().element("disks");
        if (disks != null) {
            for (XmlElement disk : disks.elements("disk")) {
                if (EXTERNAL.equals(disk.attribute("snapshot"))) {
                    XmlElement source = disk.element("source");
                    found.put(String.valueOf(disk.attribute("name")), source == null ? null : source.attribute("file"));
                }
            }
        }
        return found;
    }

    boolean isExternal() {
        return !overlays().isEmpty() || EXTERNAL.equals(get(MEMORY));
    }

    /** The persistent definition of the domain when it was taken; null where libvirt kept none. */
    @Nullable
    DomainXml definition() {
        XmlElement inactive = element().element("inactiveDomain");
        XmlElement domain = inactive == null ? element().element("domain") : inactive;
        if (domain == null) {
            return null;
        }
        String text = domain.toString();
        return DomainXml.parse(
                inactive == null ? text : text.replaceAll("(?<=^<|</)inactiveDomain(?=[\\s>])", "domain"));
    }

    /** The image that holds a disk's content as it was, or null. */
    @Nullable
    String imageOf(String target) {
        DomainXml definition = definition();
        if (definition == null) {
            return null;
        }
        for (Disk disk : definition.disks()) {
            if (target.equals(disk.get(Disk.TARGET))) {
                return disk.sourcePath();
            }
        }
        return null;
    }
}
