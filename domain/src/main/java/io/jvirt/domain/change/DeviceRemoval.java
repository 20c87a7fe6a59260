// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
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
        return List.of(Devices.detach(running, summary, find.apply(running).toString()));
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
