// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A display that a viewer connects to. */
public final class Graphics extends XmlView {
    public static final String ELEMENT = "graphics";

    public static final Property<String> TYPE = Property.text("@type");
    public static final Property<Long> PORT = Property.number("@port");
    public static final Property<Boolean> AUTOPORT = Property.yesNo("@autoport");
    public static final Property<String> LISTEN = Property.text("@listen");
    public static final Property<String> LISTEN_TYPE = Property.text("listen/@type");
    public static final Property<String> LISTEN_ADDRESS = Property.text("listen/@address");
    public static final Property<String> PASSWORD = Property.text("@passwd");
    public static final Property<String> KEYMAP = Property.text("@keymap");
    public static final Property<String> SOCKET = Property.text("@socket");
    public static final Property<Boolean> OPEN_GL = Property.yesNo("gl/@enable");

    public Graphics(XmlElement element) {
        super(element);
    }
}
