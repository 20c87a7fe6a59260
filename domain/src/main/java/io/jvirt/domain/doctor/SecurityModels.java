// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What keeps machines apart on a host, besides what they may do by their user.
 *
 * @param labelOf libvirt's models ({@code selinux}, {@code apparmor}, {@code dac}), the first one first, and the label that a
 *     machine's process has there, empty where the model has none
 */
record SecurityModels(Map<String, String> labelOf) {
    static final String SELINUX = "selinux";
    static final String APPARMOR = "apparmor";

    /** Where nobody can tell. */
    static final SecurityModels UNKNOWN = new SecurityModels(Map.of());

    static SecurityModels of(String capabilities) {
        Map<String, String> labelOf = new LinkedHashMap<>();
        XmlElement host = XmlDocument.parse(capabilities).root().element("host");
        for (XmlElement model : host == null ? List.<XmlElement>of() : host.elements("secmodel")) {
            XmlElement name = model.element("model");
            XmlElement label = model.element("baselabel");
            if (name != null) {
                labelOf.put(
                        name.text().strip(), label == null ? "" : label.text().strip());
            }
        }
        return new SecurityModels(labelOf);
    }

    boolean has(String model) {
        return labelOf.containsKey(model);
    }

    /** An element's {@code <seclabel>} of a model, or null; one that names no model is of the host's first. */
    @Nullable
    XmlElement label(XmlElement element, String model) {
        for (XmlElement label : element.elements("seclabel")) {
            String named = label.attribute("model");
            if (named == null
                    ? labelOf.keySet().stream()
                            .findFirst()
                            .filter(model::equals)
                            .isPresent()
                    : named.equals(model)) {
                return label;
            }
        }
        return null;
    }

    /** What a label says its process or file is labelled as, or null. */
    static @Nullable String text(@Nullable XmlElement label) {
        XmlElement text = label == null ? null : label.element("label");
        return text == null || text.text().isBlank() ? null : text.text().strip();
    }
}
