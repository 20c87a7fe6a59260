// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import org.jspecify.annotations.Nullable;

/**
 * A volume that is to be made.
 *
 * @param format null for the pool's own: qcow2 in directories, raw on devices
 * @param preallocation off, metadata or full
 * @param backing the image that it is based on, and its format
 */
public record VolumeRequest(
        String pool,
        String name,
        long capacityBytes,
        @Nullable String format,
        String preallocation,
        @Nullable String backing,
        @Nullable String backingFormat) {

    /** Throws USAGE where it cannot be. */
    void check(boolean isDevices) {
        checkName(name);
        if (isDevices && format != null && !format.equals("raw")) {
            throw JvirtException.usage(
                    "the volumes of pool '" + pool + "' are devices and have no format " + format,
                    "leave --format out, or choose a pool of type dir: jvirt pool list");
        }
        if (preallocation.equals("metadata") && (isDevices || "raw".equals(format))) {
            throw JvirtException.usage(
                    "a raw volume has no metadata to set aside", "--preallocation full or off, or --format qcow2");
        }
        if (backing != null && (isDevices || "raw".equals(format))) {
            throw JvirtException.usage("a raw volume cannot be based on another image", "--format qcow2");
        }
    }

    static void checkName(String name) {
        if (name.isBlank() || !name.matches("[^\\p{Cntrl}/.-][^\\p{Cntrl}/]*")) {
            throw JvirtException.usage(
                    "'" + DomainName.escaped(name) + "' cannot be a volume's name",
                    "it is a file's name, such as data.qcow2");
        }
    }

    /** libvirt's XML. */
    String xml(boolean isDevices, @Nullable String knownBackingFormat) {
        XmlDocument document = XmlDocument.of("volume");
        XmlElement root = document.root();
        root.add("name").text(name);
        root.add("capacity").attribute("unit", "bytes").text(Long.toString(capacityBytes));
        boolean isWhole = isDevices || preallocation.equals("full");
        root.add("allocation").attribute("unit", "bytes").text(isWhole ? Long.toString(capacityBytes) : "0");
        if (!isDevices) {
            XmlElement target = root.add("target");
            target.add("format").attribute("type", format == null ? "qcow2" : format);
            target.add("permissions").add("mode").text("0600");
        }
        if (backing != null) {
            XmlElement store = root.add("backingStore");
            store.add("path").text(backing);
            store.add("format").attribute("type", knownBackingFormat);
        }
        return document.toString();
    }
}
