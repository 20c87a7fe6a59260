// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A directory of the host seen by the guest. */
public final class Filesystem extends XmlView {
    public static final String ELEMENT = "filesystem";

    public static final Property<String> TYPE = Property.text("@type");
    public static final Property<String> ACCESS_MODE = Property.text("@accessmode");
    public static final Property<String> DRIVER = Property.text("driver/@type");
    public static final Property<String> SOURCE_DIR = Property.text("source/@dir");
    public static final Property<String> SOURCE_FILE = Property.text("source/@file");
    public static final Property<String> TARGET = Property.text("target/@dir");
    public static final Property<Boolean> READONLY = Property.flag("readonly");

    public Filesystem(XmlElement element) {
        super(element);
    }
}
