// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A keyboard, mouse or tablet. */
public final class Input extends XmlView {
    public static final String ELEMENT = "input";

    public static final Property<String> TYPE = Property.text("@type");
    public static final Property<String> BUS = Property.text("@bus");
    public static final Property<String> MODEL = Property.text("@model");

    public Input(XmlElement element) {
        super(element);
    }
}
