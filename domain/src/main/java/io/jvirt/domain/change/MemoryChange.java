// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.LiveChangeStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;

/**
 * Memory: what the guest has. Where a definition has more (its maximum, for the balloon), that stays unless it is less than
 * the new size.
 *
 * @param bytes a multiple of 1 KiB
 * @param isMaximum it is the maximum that is changed, for the next start
 */
public record MemoryChange(long bytes, boolean isMaximum) implements Change {
    @Override
    public String summary() {
        return (isMaximum ? "maximum memory: " : "memory: ") + SizeText.of(bytes);
    }

    @Override
    public void define(DomainXml definition) {
        long maximum = definition.get(DomainXml.MEMORY_BYTES, 0L);
        long current = definition.get(DomainXml.CURRENT_MEMORY_BYTES, maximum);
        long newMaximum = isMaximum || maximum == current || bytes > maximum ? bytes : maximum;
        XmlElement cpu = definition.element().element("cpu");
        if (newMaximum != maximum && cpu != null && cpu.element("numa") != null) {
            throw JvirtException.refused(
                    "the memory of '" + definition.get(DomainXml.NAME, "") + "' is divided among NUMA cells",
                    "jvirt edit " + ShellWord.quoted(definition.get(DomainXml.NAME, ""))
                            + " changes the cells with it");
        }
        definition
                .set(DomainXml.MEMORY_BYTES, newMaximum)
                .set(DomainXml.CURRENT_MEMORY_BYTES, isMaximum ? Math.min(current, bytes) : bytes);
    }

    private static boolean hasNoBalloon(DomainXml running) {
        XmlElement devices = running.element().element("devices");
        XmlElement balloon = devices == null ? null : devices.element("memballoon");
        return balloon != null && "none".equals(balloon.attribute("model"));
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        long maximum = running.get(DomainXml.MEMORY_BYTES, 0L);
        if (isMaximum || bytes > maximum || hasNoBalloon(running)) {
            return List.of();
        }
        long current = running.get(DomainXml.CURRENT_MEMORY_BYTES, maximum);
        return List.of(new LiveChangeStep(
                "leave the guest " + SizeText.of(bytes) + " of memory",
                running.get(DomainXml.UUID, ""),
                LiveChangeStep.Kind.MEMORY_BYTES,
                Long.toString(bytes),
                Long.toString(current)));
    }
}
