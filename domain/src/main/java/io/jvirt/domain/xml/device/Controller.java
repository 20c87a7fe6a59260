// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A controller: USB, PCI, SCSI, virtio-serial and others. */
public final class Controller extends XmlView {
    public static final String ELEMENT = "controller";

    public static final Property<String> TYPE = Property.text("@type");
    public static final Property<Long> INDEX = Property.number("@index");
    public static final Property<String> MODEL = Property.text("@model");
    public static final Property<Long> PORTS = Property.number("@ports");
    public static final Property<Long> QUEUES = Property.number("driver/@queues");
    public static final Property<Long> IOTHREAD = Property.number("driver/@iothread");

    public Controller(XmlElement element) {
        super(element);
    }
}
