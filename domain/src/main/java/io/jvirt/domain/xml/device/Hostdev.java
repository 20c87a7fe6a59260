// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A device of the host given to the guest. */
public final class Hostdev extends XmlView {
    public static final String ELEMENT = "hostdev";

    public static final Property<String> MODE = Property.text("@mode");
    public static final Property<String> TYPE = Property.text("@type");
    public static final Property<Boolean> MANAGED = Property.yesNo("@managed");
    public static final Property<String> DOMAIN = Property.text("source/address/@domain");
    public static final Property<String> BUS = Property.text("source/address/@bus");
    public static final Property<String> SLOT = Property.text("source/address/@slot");
    public static final Property<String> FUNCTION = Property.text("source/address/@function");
    public static final Property<String> VENDOR = Property.text("source/vendor/@id");
    public static final Property<String> PRODUCT = Property.text("source/product/@id");
    public static final Property<String> UUID = Property.text("source/address/@uuid");
    public static final Property<Long> BOOT_ORDER = Property.number("boot/@order");
    public static final Property<String> ROM_FILE = Property.text("rom/@file");

    public Hostdev(XmlElement element) {
        super(element);
    }
}
