// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The user that libvirt runs QEMU as. */
record QemuUser(int uid, int gid) {
    private static final Pattern LABEL = Pattern.compile("\\+(\\d{1,9}):\\+(\\d{1,9})");

    /** From the host's capabilities; null where they do not say, or it is root. */
    static @Nullable QemuUser of(String capabilities) {
        XmlElement host = XmlDocument.parse(capabilities).root().element("host");
        if (host == null) {
            return null;
        }
        for (XmlElement model : host.elements("secmodel")) {
            XmlElement name = model.element("model");
            XmlElement label = model.element("baselabel");
            if (name == null || label == null || !name.text().strip().equals("dac")) {
                continue;
            }
            Matcher ids = LABEL.matcher(label.text().strip());
            if (ids.matches() && !ids.group(1).equals("0")) {
                return new QemuUser(Integer.parseInt(ids.group(1)), Integer.parseInt(ids.group(2)));
            }
        }
        return null;
    }
}
