// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.util.List;

/**
 * The processor's model; topology and NUMA cells of the definition stay.
 *
 * @param text {@code MODE} or {@code MODEL[,+FEATURE][,-FEATURE]}
 */
public record CpuChange(String text) implements Change {
    private static final List<String> MODES = List.of("host-model", "host-passthrough", "maximum");

    @Override
    public String summary() {
        return "CPU: " + text;
    }

    @Override
    public void define(DomainXml definition) {
        String[] parts = text.split(",", -1);
        String model = parts[0].equals("max") ? "maximum" : parts[0];
        boolean isMode = MODES.contains(model);
        definition.set(DomainXml.CPU_MODE, isMode ? model : "custom");
        XmlElement cpu = definition.element().element("cpu");
        if (cpu == null) {
            return;
        }
        for (String of : new String[] {"model", "vendor", "feature"}) {
            cpu.elements(of).forEach(XmlElement::remove);
        }
        cpu.attribute("match", isMode ? null : "exact").attribute("check", isMode ? null : "partial");
        cpu.attribute("migratable", null);
        if (!isMode) {
            cpu.add("model").attribute("fallback", "forbid").text(model);
        }
        for (int i = 1; i < parts.length; i++) {
            String feature = parts[i];
            if (feature.length() < 2 || (feature.charAt(0) != '+' && feature.charAt(0) != '-')) {
                throw JvirtException.usage(
                        "--cpu has the part '" + feature + "', which is no feature", "write +FEATURE or -FEATURE");
            }
            cpu.add("feature")
                    .attribute("policy", feature.charAt(0) == '+' ? "require" : "disable")
                    .attribute("name", feature.substring(1));
        }
    }
}
