// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.create.Suboptions;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes of disks and drives, as they are written on a command line. */
public final class DiskChanges {
    private static final List<String> ADD_KEYS = List.of(
            "path",
            "pool",
            "volume",
            "target",
            "bus",
            "format",
            "cache",
            "discard",
            "io",
            "device",
            "readonly",
            "shareable",
            "serial");
    private static final List<String> BUSES = List.of("virtio", "scsi", "sata", "ide", "usb", "fdc");
    private static final List<String> DEVICES = List.of("disk", "cdrom", "floppy", "lun");
    private static final List<String> YES_NO = List.of("yes", "no");

    /** What a disk's driver can be told, by its name here and in libvirt. */
    private static final Map<String, List<String>> DRIVER_VALUES = driverValues();

    private DiskChanges() {}

    private static Map<String, List<String>> driverValues() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        values.put("cache", List.of("default", "none", "writethrough", "writeback", "directsync", "unsafe"));
        values.put("discard", List.of("ignore", "unmap"));
        values.put("io", List.of("native", "threads", "io_uring"));
        values.put("detect_zeroes", List.of("off", "on", "unmap"));
        values.put("error_policy", List.of("stop", "report", "ignore", "enospace"));
        return values;
    }

    /**
     * {@code FILE[,target=vdb][,bus=…]…}: a file or device that is there already.
     *
     * @param definition of the machine: for a free target
     */
    public static Change add(String text, DomainXml definition, Set<String> taken) {
        Suboptions parts = Suboptions.parse("--add-disk", text, ADD_KEYS);
        String path = parts.first() == null ? parts.get("path") : parts.first();
        String device = parts.get("device") == null ? "disk" : String.valueOf(parts.oneOf("device", DEVICES));
        String volume = parts.get("volume");
        boolean isMedium = device.equals("cdrom") || device.equals("floppy");
        if (path == null && volume == null && !isMedium) {
            throw JvirtException.usage(
                    "--add-disk '" + text + "' names no disk",
                    "--add-disk FILE, or pool=POOL,volume=NAME; jvirt disk create makes one");
        }
        String bus = parts.get("bus") == null
                ? device.equals("cdrom") ? "sata" : device.equals("floppy") ? "fdc" : "virtio"
                : String.valueOf(parts.oneOf("bus", BUSES));
        String target = parts.get("target") == null ? freeTarget(definition, bus, taken) : parts.get("target");
        taken.add(String.valueOf(target));
        boolean isBlock = path != null && path.startsWith("/dev/");
        Disk disk = new Disk(XmlDocument.of("disk").root());
        disk.set(Disk.TYPE, volume != null ? "volume" : isBlock ? "block" : "file")
                .set(Disk.DEVICE, device)
                .set(Disk.DRIVER_NAME, "qemu")
                .set(Disk.FORMAT, parts.get("format") == null ? format(path, isBlock || isMedium) : parts.get("format"))
                .set(Disk.CACHE, driverValue(parts, "cache"))
                .set(Disk.DISCARD, driverValue(parts, "discard"))
                .set(Disk.IO, driverValue(parts, "io"))
                .set(isBlock ? Disk.SOURCE_BLOCK : Disk.SOURCE_FILE, path == null ? null : absolute(path))
                .set(Disk.SOURCE_POOL, parts.get("pool"))
                .set(Disk.SOURCE_VOLUME, volume)
                .set(Disk.TARGET, target)
                .set(Disk.BUS, bus)
                .set(Disk.SERIAL, parts.get("serial"))
                .set(Disk.READONLY, device.equals("cdrom") || "yes".equals(parts.oneOf("readonly", YES_NO)))
                .set(Disk.SHAREABLE, "yes".equals(parts.oneOf("shareable", YES_NO)));
        String what = volume != null ? volume : path == null ? "empty" : path;
        return new DeviceAddition("new " + device + " " + target + ": " + what, disk.toString(), canPlug(bus, device));
    }

    private static boolean canPlug(String bus, String device) {
        return !device.equals("cdrom")
                && !device.equals("floppy")
                && List.of("virtio", "scsi", "usb").contains(bus);
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    private static String format(@Nullable String path, boolean isRaw) {
        // A raw image that is probed could pass for another format, so only the name decides.
        return !isRaw && path != null && path.endsWith(".qcow2") ? "qcow2" : "raw";
    }

    private static String freeTarget(DomainXml definition, String bus, Set<String> taken) {
        Set<String> used = new HashSet<>(taken);
        definition.disks().forEach(disk -> used.add(disk.get(Disk.TARGET, "")));
        String prefix = switch (bus) {
            case "virtio" -> "vd";
            case "ide" -> "hd";
            case "fdc" -> "fd";
            default -> "sd";
        };
        for (int index = 0; ; index++) {
            String letters = "";
            for (int i = index; i >= 0; i = i / 26 - 1) {
                letters = (char) ('a' + i % 26) + letters;
            }
            if (!used.contains(prefix + letters)) {
                return prefix + letters;
            }
        }
    }

    /** {@code TARGET}: only the machine loses it, the file stays. */
    public static Change remove(String target) {
        return new DeviceRemoval(
                "disk " + target + " removed (its file stays)",
                xml -> Devices.disk(xml, target).element());
    }

    /** {@code TARGET,cache=none,discard=unmap,…}; an empty value would be {@code default}. */
    public static Change settings(String text) {
        List<String> keys = new ArrayList<>(DRIVER_VALUES.keySet());
        Suboptions parts = Suboptions.parse("--disk", text, keys);
        String target = parts.first();
        if (target == null || text.indexOf(',') < 0) {
            throw JvirtException.usage(
                    "--disk '" + text + "' " + (target == null ? "names no disk" : "says nothing to change"),
                    "--disk vda,cache=none; it knows " + String.join(", ", keys));
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String key : keys) {
            if (parts.get(key) != null) {
                values.put(key, String.valueOf(driverValue(parts, key)));
            }
        }
        return new DeviceChange(
                "disk " + text.replace(",", ", ").replaceFirst(",", ":"),
                xml -> Devices.disk(xml, target).element(),
                disk -> values.forEach((key, value) -> driver(disk).attribute(key, value)),
                false);
    }

    private static XmlElement driver(XmlElement disk) {
        XmlElement driver = disk.element("driver");
        return driver == null ? disk.add("driver").attribute("name", "qemu") : driver;
    }

    /** {@code TARGET=FILE}: another medium in a CD-ROM or floppy drive; null for none. */
    public static Change medium(String target, @Nullable String file) {
        return new DeviceChange(
                "drive " + target + ": " + (file == null ? "empty" : file),
                xml -> drive(xml, target),
                drive -> {
                    for (String of : new String[] {"source", "backingStore"}) {
                        drive.elements(of).forEach(XmlElement::remove);
                    }
                    if (file != null) {
                        boolean isBlock = file.startsWith("/dev/");
                        drive.attribute("type", isBlock ? "block" : "file");
                        drive.add("source").attribute(isBlock ? "dev" : "file", absolute(file));
                    }
                },
                true);
    }

    private static XmlElement drive(DomainXml definition, String target) {
        Disk disk = Devices.disk(definition, target);
        if (disk.isDisk()) {
            throw JvirtException.refused(
                    "'" + target + "' of '" + definition.get(DomainXml.NAME, "")
                            + "' is a disk, not a drive with a medium",
                    "--remove-disk and --add-disk exchange disks");
        }
        return disk.element();
    }

    /** {@code TARGET=SIZE}. */
    public static Change grow(String target, String size) {
        return new DiskGrowth(target, SizeText.parse(size, "the disk's size", 0));
    }

    private static @Nullable String driverValue(Suboptions parts, String key) {
        return parts.oneOf(key, DRIVER_VALUES.getOrDefault(key, List.of()));
    }
}
