// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.LiveChangeStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.Property;
import java.util.List;

/**
 * Title or description.
 *
 * @param text empty for none
 */
public record TextChange(String text, boolean isTitle) implements Change {
    @Override
    public String summary() {
        return (isTitle ? "title: " : "description: ") + (text.isEmpty() ? "none" : text);
    }

    @Override
    public void define(DomainXml definition) {
        definition.set(property(), text.isEmpty() ? null : text);
    }

    private Property<String> property() {
        return isTitle ? DomainXml.TITLE : DomainXml.DESCRIPTION;
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        return List.of(new LiveChangeStep(
                summary(),
                running.get(DomainXml.UUID, ""),
                isTitle ? LiveChangeStep.Kind.TITLE : LiveChangeStep.Kind.DESCRIPTION,
                text,
                running.get(property(), "")));
    }
}
