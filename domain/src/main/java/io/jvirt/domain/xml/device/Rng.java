// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A source of random numbers. */
public final class Rng extends XmlView {
    public static final String ELEMENT = "rng";

    public static final Property<String> MODEL = Property.text("@model");
    public static final Property<String> BACKEND = Property.text("backend");
    public static final Property<String> BACKEND_MODEL = Property.text("backend/@model");
    public static final Property<Long> RATE_BYTES = Property.number("rate/@bytes");
    public static final Property<Long> RATE_PERIOD_MS = Property.number("rate/@period");

    public Rng(XmlElement element) {
        super(element);
    }
}
