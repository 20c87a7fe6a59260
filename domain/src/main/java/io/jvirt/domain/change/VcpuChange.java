// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.LiveChangeStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;

/**
 * Processors. A definition has a maximum and may have fewer plugged in at the start; a running machine can plug up to its
 * maximum.
 *
 * @param isMaximum it is the maximum that is changed, for the next start
 */
public record VcpuChange(int count, boolean isMaximum) implements Change {
    @Override
    public String summary() {
        return (isMaximum ? "maximum processors: " : "processors: ") + count;
    }

    @Override
    public void define(DomainXml definition) {
        String name = definition.get(DomainXml.NAME, "");
        if (definition.element().element("vcpus") != null) {
            throw JvirtException.refused(
                    "the definition of '" + name + "' says of each processor whether it is plugged in",
                    "jvirt edit " + ShellWord.quoted(name) + " changes them");
        }
        long maximum = definition.get(DomainXml.VCPUS, 1L);
        Long current = definition.get(DomainXml.CURRENT_VCPUS);
        long newMaximum = isMaximum || current == null || count > maximum ? count : maximum;
        definition.set(DomainXml.VCPUS, newMaximum);
        if (isMaximum) {
            long plugged = current == null ? maximum : current;
            definition.set(DomainXml.CURRENT_VCPUS, plugged < count ? plugged : null);
        } else {
            definition.set(DomainXml.CURRENT_VCPUS, count < newMaximum ? (long) count : null);
        }
        fitTopology(definition, newMaximum);
    }

    /** A topology must have as many processors as there are: sockets are what can be added without further ado. */
    private static void fitTopology(DomainXml definition, long processors) {
        XmlElement cpu = definition.element().element("cpu");
        XmlElement topology = cpu == null ? null : cpu.element("topology");
        if (topology == null) {
            return;
        }
        long perSocket = number(topology, "dies")
                * number(topology, "clusters")
                * number(topology, "cores")
                * number(topology, "threads");
        if (perSocket * number(topology, "sockets") == processors) {
            return;
        }
        if (processors % perSocket != 0) {
            String name = definition.get(DomainXml.NAME, "");
            throw JvirtException.refused(
                    processors + (processors == 1 ? " processor does" : " processors do") + " not fit the topology of '"
                            + name + "', which has " + perSocket + " in a socket",
                    "give a multiple of " + perSocket + ", or change the topology: jvirt edit "
                            + ShellWord.quoted(name));
        }
        topology.attribute("sockets", Long.toString(processors / perSocket));
    }

    private static long number(XmlElement topology, String attribute) {
        String value = topology.attribute(attribute);
        return value == null ? 1 : Long.parseLong(value);
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        long maximum = running.get(DomainXml.VCPUS, 1L);
        long current = running.get(DomainXml.CURRENT_VCPUS, maximum);
        if (isMaximum || count > maximum || count < fixed(running, current)) {
            return List.of();
        }
        return List.of(new LiveChangeStep(
                "plug processors: " + count,
                running.get(DomainXml.UUID, ""),
                LiveChangeStep.Kind.VCPUS,
                Integer.toString(count),
                Long.toString(current)));
    }

    /** How many processors were there at the start and cannot be plugged out. */
    private static long fixed(DomainXml running, long current) {
        XmlElement processors = running.element().element("vcpus");
        return processors == null
                ? current
                : processors.elements("vcpu").stream()
                        .filter(one -> "no".equals(one.attribute("hotpluggable")))
                        .count();
    }
}
