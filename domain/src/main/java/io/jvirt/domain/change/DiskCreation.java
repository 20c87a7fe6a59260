// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import java.util.List;

/**
 * A disk that is made, and then added as any other.
 *
 * @param creation makes its file or volume
 */
record DiskCreation(DeviceAddition addition, Step creation) implements Change {
    @Override
    public String summary() {
        return addition.summary();
    }

    @Override
    public void define(DomainXml definition) {
        addition.define(definition);
    }

    @Override
    public List<Step> first() {
        return List.of(creation);
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        return addition.live(host, running);
    }
}
