// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Interface;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the machine boots from, in this order.
 *
 * @param order classes of devices ({@code hd}, {@code cdrom}, {@code network}, {@code fd}), or devices: disks by their
 *     target, network cards by their MAC address; libvirt does not take both at once
 */
public record BootChange(List<String> order) implements Change {
    private static final List<String> CLASSES = List.of("hd", "cdrom", "network", "fd");

    @Override
    public String summary() {
        return "boot order: " + String.join(", ", order);
    }

    @Override
    public void define(DomainXml definition) {
        boolean byClass = CLASSES.containsAll(order);
        List<XmlElement> chosen = new ArrayList<>();
        if (!byClass) {
            for (String device : order) {
                chosen.add(find(definition, device));
            }
        }
        XmlElement os = definition.element().element("os");
        XmlElement devices = definition.element().element("devices");
        if (os != null) {
            os.elements("boot").forEach(XmlElement::remove);
        }
        for (XmlElement device : devices == null ? List.<XmlElement>of() : devices.elements()) {
            device.elements("boot").forEach(XmlElement::remove);
        }
        for (int i = 0; i < order.size(); i++) {
            if (!byClass) {
                chosen.get(i).add("boot").attribute("order", Integer.toString(i + 1));
            } else if (os != null) {
                os.add("boot").attribute("dev", order.get(i));
            }
        }
    }

    private static XmlElement find(DomainXml definition, String wanted) {
        for (Disk disk : definition.disks()) {
            if (wanted.equals(disk.get(Disk.TARGET))) {
                return disk.element();
            }
        }
        for (Interface card : definition.interfaces()) {
            if (wanted.toLowerCase(Locale.ROOT).equals(card.get(Interface.MAC))) {
                return card.element();
            }
        }
        if (CLASSES.contains(wanted)) {
            throw JvirtException.usage(
                    "the boot order has classes of devices and devices in it",
                    "give only hd, cdrom, network, fd, or only" + " targets and MAC addresses");
        }
        throw Devices.missing(definition, "bootable device", wanted, Devices.names(definition));
    }
}
