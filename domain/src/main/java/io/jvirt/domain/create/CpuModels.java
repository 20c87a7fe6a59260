// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.Similar;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The processors that a host's QEMU can show a guest. libvirt takes any other one too, and the machine never starts. */
public final class CpuModels {
    private CpuModels() {}

    /**
     * Looks for a machine that there is.
     *
     * @param text {@code MODE} or {@code MODEL[,+FEATURE][,-FEATURE]}
     */
    public static void check(Host host, DomainXml definition, String text) {
        XmlElement capabilities;
        try {
            capabilities = XmlDocument.parse(host.domainCapabilities(
                            definition.get(DomainXml.ARCHITECTURE),
                            definition.get(DomainXml.MACHINE),
                            definition.get(DomainXml.TYPE)))
                    .root();
        } catch (LibvirtException e) {
            // The test driver has none.
            return;
        }
        check(capabilities, text);
    }

    /** @param capabilities libvirt's domain capabilities, or null where there are none */
    static void check(@Nullable XmlElement capabilities, String text) {
        String model = text.split(",", -1)[0];
        List<String> modes = List.of("host-model", "host-passthrough", "maximum", "max");
        List<String> known = names(capabilities);
        if (known.isEmpty() || known.contains(model) || modes.contains(model)) {
            return;
        }
        List<String> all = new ArrayList<>(known);
        all.addAll(modes);
        String similar = Similar.to(model, all);
        throw JvirtException.usage(
                "QEMU on this host knows no CPU model '" + model + "'",
                (similar == null ? "" : "did you mean '" + similar + "'? ") + "virsh domcapabilities lists them");
    }

    private static List<String> names(@Nullable XmlElement capabilities) {
        XmlElement cpu = capabilities == null ? null : capabilities.element("cpu");
        List<String> names = new ArrayList<>();
        for (XmlElement mode : cpu == null ? List.<XmlElement>of() : cpu.elements("mode")) {
            if ("custom".equals(mode.attribute("name"))) {
                mode.elements("model").forEach(model -> names.add(model.text()));
            }
        }
        return names;
    }
}
