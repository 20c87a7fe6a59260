// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;
import java.util.Locale;

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

    /** As {@code jvirt set} names it: {@code pci:0000:01:00.0} or {@code usb:1234:abcd}. */
    public String name() {
        if ("usb".equals(get(TYPE))) {
            return "usb:" + hex(get(VENDOR, ""), 4) + ":" + hex(get(PRODUCT, ""), 4);
        }
        return get(TYPE, "?") + ":" + hex(get(DOMAIN, "0"), 4) + ":" + hex(get(BUS, "0"), 2) + ":"
                + hex(get(SLOT, "0"), 2) + "." + hex(get(FUNCTION, "0"), 1);
    }

    /** Whether its name finds it: USB devices by place, and SCSI and mediated ones, have none. */
    public boolean hasName() {
        return "pci".equals(get(TYPE)) || ("usb".equals(get(TYPE)) && get(VENDOR) != null);
    }

    private static String hex(String number, int digits) {
        String plain = number.toLowerCase(Locale.ROOT).replaceFirst("^0x", "");
        return "0".repeat(Math.max(0, digits - plain.length())) + plain.substring(Math.max(0, plain.length() - digits));
    }
}
