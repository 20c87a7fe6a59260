// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A channel between host and guest, such as the guest agent's. */
public final class Channel extends XmlView {
    public static final String ELEMENT = "channel";

    /** {@code pty}, {@code file}, {@code unix}, {@code tcp}, {@code spicevmc}, … */
    public static final Property<String> TYPE = Property.text("@type");

    public static final Property<String> SOURCE_PATH = Property.text("source/@path");
    public static final Property<String> SOURCE_MODE = Property.text("source/@mode");
    public static final Property<String> SOURCE_HOST = Property.text("source/@host");
    public static final Property<String> SOURCE_SERVICE = Property.text("source/@service");
    public static final Property<String> TARGET_TYPE = Property.text("target/@type");
    public static final Property<String> TARGET_NAME = Property.text("target/@name");
    public static final Property<String> LOG_FILE = Property.text("log/@file");

    public Channel(XmlElement element) {
        super(element);
    }
}
