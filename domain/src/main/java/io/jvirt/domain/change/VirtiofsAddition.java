// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Filesystem;
import java.nio.file.Path;

/**
 * A directory that the guest mounts with virtiofs, from the next start on: the machine's memory becomes shared memory.
 *
 * @param text {@code DIRECTORY,TAG}
 */
record VirtiofsAddition(String text) implements Change {
    VirtiofsAddition {
        int comma = text.indexOf(',');
        if (comma <= 0 || comma == text.length() - 1) {
            throw JvirtException.usage(
                    "--add-filesystem '" + text + ",driver=virtiofs' is not DIRECTORY,TAG,driver=virtiofs",
                    "--add-filesystem /srv/share,share,driver=virtiofs");
        }
        if (text.indexOf(',', comma + 1) >= 0) {
            throw JvirtException.usage(
                    "--add-filesystem '" + text + ",driver=virtiofs': virtiofs shares a directory for writing only",
                    "leave 'readonly' out, or driver=virtiofs");
        }
    }

    @Override
    public String summary() {
        return "shared directory " + text.replaceFirst(",", " as ") + " (virtiofs)";
    }

    @Override
    public void define(DomainXml definition) {
        int comma = text.indexOf(',');
        Filesystem shared = definition.addDevice(Filesystem.ELEMENT, Filesystem::new);
        shared.set(Filesystem.TYPE, "mount").set(Filesystem.ACCESS_MODE, "passthrough");
        shared.element().add("driver").attribute("type", "virtiofs");
        shared.set(
                        Filesystem.SOURCE_DIR,
                        Path.of(text.substring(0, comma))
                                .toAbsolutePath()
                                .normalize()
                                .toString())
                .set(Filesystem.TARGET, text.substring(comma + 1));
        XmlElement domain = definition.element();
        XmlElement backing = domain.element("memoryBacking");
        if (backing == null) {
            backing = domain.add("memoryBacking");
        }
        if (backing.element("hugepages") == null && backing.element("source") == null) {
            backing.add("source").attribute("type", "memfd");
        }
        XmlElement access = backing.element("access");
        (access == null ? backing.add("access") : access).attribute("mode", "shared");
    }
}
