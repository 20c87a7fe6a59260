// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml.device;

import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;
import org.jspecify.annotations.Nullable;

/** A disk, CD-ROM or floppy drive. */
public final class Disk extends XmlView {
    public static final String ELEMENT = "disk";

    /** {@code file}, {@code block}, {@code volume}, {@code network}, {@code dir}, {@code nvme}, {@code vhostuser}. */
    public static final Property<String> TYPE = Property.text("@type");
    /** {@code disk}, {@code cdrom}, {@code floppy} or {@code lun}; absent means {@code disk}. */
    public static final Property<String> DEVICE = Property.text("@device");

    public static final Property<String> SNAPSHOT = Property.text("@snapshot");
    public static final Property<String> DRIVER_NAME = Property.text("driver/@name");
    public static final Property<String> FORMAT = Property.text("driver/@type");
    public static final Property<String> CACHE = Property.text("driver/@cache");
    public static final Property<String> DISCARD = Property.text("driver/@discard");
    public static final Property<String> DETECT_ZEROES = Property.text("driver/@detect_zeroes");
    public static final Property<String> IO = Property.text("driver/@io");
    public static final Property<String> SOURCE_FILE = Property.text("source/@file");
    public static final Property<String> SOURCE_BLOCK = Property.text("source/@dev");
    public static final Property<String> SOURCE_DIR = Property.text("source/@dir");
    public static final Property<String> SOURCE_POOL = Property.text("source/@pool");
    public static final Property<String> SOURCE_VOLUME = Property.text("source/@volume");
    public static final Property<String> SOURCE_PROTOCOL = Property.text("source/@protocol");
    public static final Property<String> SOURCE_NAME = Property.text("source/@name");
    public static final Property<String> STARTUP_POLICY = Property.text("source/@startupPolicy");
    public static final Property<String> TARGET = Property.text("target/@dev");
    public static final Property<String> BUS = Property.text("target/@bus");
    public static final Property<String> SERIAL = Property.text("serial");
    public static final Property<String> WWN = Property.text("wwn");
    public static final Property<Long> BOOT_ORDER = Property.number("boot/@order");
    public static final Property<Boolean> READONLY = Property.flag("readonly");
    public static final Property<Boolean> SHAREABLE = Property.flag("shareable");

    public Disk(XmlElement element) {
        super(element);
    }

    /** True for a drive that holds a disk of the machine's own, not a medium that is put in and taken out. */
    public boolean isDisk() {
        String device = get(DEVICE, "disk");
        return device.equals("disk") || device.equals("lun");
    }

    /** The file or block device of the source, or null where it is none. */
    public @Nullable String sourcePath() {
        String file = get(SOURCE_FILE);
        return file == null ? get(SOURCE_BLOCK) : file;
    }
}
