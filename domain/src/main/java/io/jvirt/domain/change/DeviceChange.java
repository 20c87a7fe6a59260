// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A device that stays and gets other properties.
 *
 * @param summary for people
 * @param find finds it in a definition; throws NOT_FOUND where it is missing
 * @param edit changes it
 * @param isLive whether libvirt can do that to a running machine; else the next start does
 */
public record DeviceChange(
        String summary, Function<DomainXml, XmlElement> find, Consumer<XmlElement> edit, boolean isLive)
        implements Change {
    @Override
    public void define(DomainXml definition) {
        edit.accept(find.apply(definition));
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        if (!isLive) {
            return List.of();
        }
        XmlElement device = find.apply(running);
        String before = device.toString();
        edit.accept(device);
        return List.of(Devices.update(running, summary, device.toString(), before));
    }
}
