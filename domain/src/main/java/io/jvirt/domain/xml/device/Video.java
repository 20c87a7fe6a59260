// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A video adapter. */
public final class Video extends XmlView {
    public static final String ELEMENT = "video";

    public static final Property<String> MODEL = Property.text("model/@type");
    public static final Property<Long> HEADS = Property.number("model/@heads");
    public static final Property<Long> VRAM_KIB = Property.number("model/@vram");
    public static final Property<Boolean> PRIMARY = Property.yesNo("model/@primary");
    public static final Property<Boolean> ACCELERATION_3D = Property.yesNo("model/acceleration/@accel3d");

    public Video(XmlElement element) {
        super(element);
    }
}
