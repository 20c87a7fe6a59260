// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** The memory balloon. */
public final class Memballoon extends XmlView {
    public static final String ELEMENT = "memballoon";

    public static final Property<String> MODEL = Property.text("@model");
    public static final Property<Boolean> AUTODEFLATE = Property.onOff("@autodeflate");
    public static final Property<Boolean> FREE_PAGE_REPORTING = Property.onOff("@freePageReporting");
    public static final Property<Long> STATS_PERIOD_S = Property.number("stats/@period");

    public Memballoon(XmlElement element) {
        super(element);
    }
}
