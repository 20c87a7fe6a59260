// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;

/**
 * A device that is added: plugged into a running machine, and there at the next start.
 *
 * @param summary for people
 * @param xml the device
 * @param canPlug false for what no running machine takes
 */
public record DeviceAddition(String summary, String xml, boolean canPlug) implements Change {
    @Override
    public void define(DomainXml definition) {
        XmlElement device = XmlDocument.parse(xml).root();
        XmlElement devices = definition.element().element("devices");
        if (devices == null) {
            devices = definition.element().add("devices");
        }
        devices.add(device);
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        return canPlug ? List.of(Devices.attach(running, summary, xml)) : List.of();
    }
}
