// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.metadata.StartLock;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;
import java.util.UUID;

/**
 * The definition of a clone: the original's with another name, UUID, SMBIOS ids and MAC addresses, ports and paths that two
 * machines cannot share, and nothing else changed.
 */
final class CloneXml {
    private CloneXml() {}

    /** A definition, and the addresses that its interfaces got. */
    record Result(DomainXml domain, List<String> macs) {}

    /** @param notes what the user should know of is added */
    static Result of(
            String sourceXml,
            String name,
            String uuid,
            MacAddresses addresses,
            boolean keepsMacPrefix,
            List<String> notes) {
        DomainXml domain = DomainXml.parse(sourceXml);
        ClonedDevices cloned =
                new ClonedDevices(domain.get(DomainXml.NAME, ""), name, addresses, keepsMacPrefix, notes);
        identity(domain, name, uuid);
        XmlElement devices = domain.element().element("devices");
        if (devices != null) {
            devices.elements().forEach(cloned::change);
        }
        if (domain.element().elements().stream().anyMatch(element -> isCommandLine(element.name()))) {
            cloned.note("what the definition passes straight to QEMU is the same for the clone: a port, a file or an"
                    + " address in it serves one machine at a time");
        }
        return new Result(domain, cloned.macs());
    }

    /** {@code qemu:commandline}, under whatever prefix. */
    private static boolean isCommandLine(String name) {
        return name.equals("commandline") || name.endsWith(":commandline");
    }

    private static void identity(DomainXml domain, String name, String uuid) {
        domain.set(DomainXml.NAME, name).set(DomainXml.UUID, uuid);
        VmMetadata metadata = VmMetadata.in(domain);
        TemplateMark.remove(metadata);
        StartLock.remove(metadata);
        XmlElement generation = domain.element().element("genid");
        if (generation != null) {
            generation.text(UUID.randomUUID().toString());
        }
        for (XmlElement sysinfo : domain.element().elements("sysinfo")) {
            for (XmlElement block : sysinfo.elements()) {
                for (XmlElement entry : block.elements("entry")) {
                    String what = entry.attribute("name");
                    if ("uuid".equals(what) || "serial".equals(what)) {
                        entry.text(uuid);
                    }
                }
            }
        }
    }
}
