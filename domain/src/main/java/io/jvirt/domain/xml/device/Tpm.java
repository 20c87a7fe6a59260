// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A trusted platform module. */
public final class Tpm extends XmlView {
    public static final String ELEMENT = "tpm";

    public static final Property<String> MODEL = Property.text("@model");
    public static final Property<String> BACKEND = Property.text("backend/@type");
    public static final Property<String> VERSION = Property.text("backend/@version");
    public static final Property<String> ENCRYPTION_SECRET = Property.text("backend/encryption/@secret");
    public static final Property<String> DEVICE_PATH = Property.text("backend/device/@path");

    public Tpm(XmlElement element) {
        super(element);
    }
}
