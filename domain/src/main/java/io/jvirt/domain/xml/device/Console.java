// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;

/** A console; the first one is the same device as the first serial port. */
public final class Console extends XmlView {
    public static final String ELEMENT = "console";

    /** {@code pty}, {@code file}, {@code unix}, {@code tcp}, {@code spicevmc}, … */
    public static final Property<String> TYPE = Property.text("@type");

    public static final Property<String> SOURCE_PATH = Property.text("source/@path");
    public static final Property<String> SOURCE_MODE = Property.text("source/@mode");
    public static final Property<String> SOURCE_HOST = Property.text("source/@host");
    public static final Property<String> SOURCE_SERVICE = Property.text("source/@service");
    public static final Property<String> TARGET_TYPE = Property.text("target/@type");
    public static final Property<Long> TARGET_PORT = Property.number("target/@port");
    public static final Property<String> LOG_FILE = Property.text("log/@file");

    public Console(XmlElement element) {
        super(element);
    }
}
