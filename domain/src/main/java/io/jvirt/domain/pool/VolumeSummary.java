// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import org.jspecify.annotations.Nullable;

/**
 * A volume.
 *
 * @param type file, block, dir, network, …
 * @param format of its content, where libvirt knows: qcow2, raw, iso
 * @param capacityBytes what a guest sees
 * @param allocationBytes what it takes on the host
 * @param backing the image that it is based on
 */
public record VolumeSummary(
        String name,
        String path,
        String type,
        @Nullable String format,
        long capacityBytes,
        long allocationBytes,
        @Nullable String backing) {
    /** One call of libvirt. */
    static VolumeSummary of(Volume volume) {
        XmlElement root = XmlDocument.parse(volume.xml()).root();
        XmlElement target = root.element("target");
        XmlElement format = target == null ? null : target.element("format");
        XmlElement backing = root.element("backingStore");
        String type = root.attribute("type");
        String path = text(target, "path");
        return new VolumeSummary(
                volume.name(),
                path == null ? "" : path,
                type == null ? "file" : type,
                format == null ? null : format.attribute("type"),
                bytes(root.element("capacity")),
                bytes(root.element("allocation")),
                text(backing, "path"));
    }

    private static @Nullable String text(@Nullable XmlElement parent, String name) {
        XmlElement element = parent == null ? null : parent.element(name);
        return element == null || element.text().isBlank()
                ? null
                : element.text().strip();
    }

    /** libvirt prints bytes. */
    private static long bytes(@Nullable XmlElement size) {
        return size == null ? 0 : Long.parseLong(size.text().strip());
    }
}
