// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A network interface. */
public final class Interface extends XmlView {
    public static final String ELEMENT = "interface";

    /** {@code network}, {@code bridge}, {@code user}, {@code direct}, {@code ethernet}, {@code hostdev}, … */
    public static final Property<String> TYPE = Property.text("@type");

    public static final Property<String> MAC = Property.text("mac/@address");
    public static final Property<String> SOURCE_NETWORK = Property.text("source/@network");
    public static final Property<String> SOURCE_PORTGROUP = Property.text("source/@portgroup");
    public static final Property<String> SOURCE_BRIDGE = Property.text("source/@bridge");
    public static final Property<String> SOURCE_DEVICE = Property.text("source/@dev");
    public static final Property<String> SOURCE_MODE = Property.text("source/@mode");
    public static final Property<String> TARGET = Property.text("target/@dev");
    public static final Property<String> MODEL = Property.text("model/@type");
    public static final Property<String> DRIVER_NAME = Property.text("driver/@name");
    public static final Property<Long> DRIVER_QUEUES = Property.number("driver/@queues");
    public static final Property<Long> MTU = Property.number("mtu/@size");
    public static final Property<String> LINK = Property.text("link/@state");
    public static final Property<String> VIRTUAL_PORT = Property.text("virtualport/@type");
    public static final Property<String> FILTER = Property.text("filterref/@filter");
    public static final Property<Long> BOOT_ORDER = Property.number("boot/@order");

    public Interface(XmlElement element) {
        super(element);
    }
}
