// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.util.List;
import java.util.function.Function;

/**
 * A device that is removed; a disk's file stays where it is.
 *
 * @param summary for people
 * @param find finds it in a definition; throws NOT_FOUND where it is missing
 */
public record DeviceRemoval(String summary, Function<DomainXml, XmlElement> find) implements Change {
    @Override
    public void define(DomainXml definition) {
        find.apply(definition).remove();
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        XmlElement device = find.apply(running);
        return canUnplug(device) ? List.of(Devices.detach(running, summary, device.toString())) : List.of();
    }

    /** What libvirt would refuse to take from a running machine, its next start goes without. */
    private static boolean canUnplug(XmlElement device) {
        return switch (device.name()) {
            case "disk" -> DiskChanges.canPlug(new Disk(device).get(Disk.BUS, ""));
            case "filesystem" -> {
                XmlElement driver = device.element("driver");
                yield driver != null && "virtiofs".equals(driver.attribute("type"));
            }
            default -> true;
        };
    }

    /** A machine may run without a device that is only in its definition, or the other way round. */
    boolean isIn(DomainXml definition) {
        try {
            XmlElement found = find.apply(definition);
            return found != null;
        } catch (JvirtException e) {
            if (e.kind() != JvirtException.Kind.NOT_FOUND) {
                throw e;
            }
            return false;
        }
    }
}
