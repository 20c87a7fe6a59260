// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.create.ExtraDisk;
import io.jvirt.domain.create.Suboptions;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Changes of disks and drives, as they are written on a command line. */
public final class DiskChanges {
    private static final List<String> ADD_KEYS = List.of(
            "path",
            "pool",
            "volume",
            "size",
            "preallocation",
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
    private static final Pattern SIZE = Pattern.compile("\\d+([.]\\d+)?[KMGTPkmgtp]?(i?B)?");
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
     * {@code FILE[,target=vdb][,bus=…]…}: a file or device that is there already; {@code SIZE[,format=…][,pool=…]…}, or
     * {@code size=SIZE}: one that is made.
     *
     * @param definition of the machine: for a free target
     * @param taken targets and paths of the disks that are added before this one
     * @param files looks at those that are there
     * @param notes takes what the user should know
     */
    public static Change add(
            Host host, String text, DomainXml definition, Set<String> taken, NamedFiles files, Consumer<String> notes)
            throws IOException {
        Suboptions parts = Suboptions.parse("--add-disk", text, ADD_KEYS);
        String first = parts.first();
        String size = first != null && SIZE.matcher(first).matches() ? first : parts.get("size");
        if (size == null) {
            refuse(parts, text, "preallocation", "is of a disk that is made, and this one is there");
            String file = first == null ? parts.get("path") : first;
            DeviceAddition added = addition(parts, text, file, null, definition, taken);
            if (file != null && isMedium(parts)) {
                files.medium(file);
            } else if (file != null) {
                files.disk(file, "yes".equals(parts.get("shareable")) || "yes".equals(parts.get("readonly")));
            }
            return added;
        }
        if (first != null && !first.equals(size)) {
            throw JvirtException.usage(
                    "--add-disk '" + text + "' names a file and a size",
                    "size=" + size + ",path=" + first + " makes the file; " + first + " alone is one that is there");
        }
        for (String key : new String[] {"volume", "device", "readonly"}) {
            refuse(parts, text, key, "is of a disk that is there, and a size makes a new one");
        }
        ExtraDisk disk = ExtraDisk.plan(host, definition.get(DomainXml.NAME, ""), request(parts, text, size), taken);
        disk.notes().forEach(notes);
        taken.add(disk.path());
        return new DiskCreation(addition(parts, text, disk.path(), disk, definition, taken), disk.step());
    }

    private static boolean isMedium(Suboptions parts) {
        return "cdrom".equals(parts.get("device")) || "floppy".equals(parts.get("device"));
    }

    private static void refuse(Suboptions parts, String text, String key, String why) {
        if (parts.get(key) != null) {
            throw JvirtException.usage("--add-disk '" + text + "': " + key + " " + why, "leave one of them out");
        }
    }

    /** What {@code create --disk} would be told. */
    private static DiskRequest request(Suboptions parts, String text, String size) {
        if (parts.get("pool") != null && parts.get("path") != null) {
            throw JvirtException.usage(
                    "--add-disk '" + text + "' gives both a pool and a path", "leave one of them out");
        }
        String format = parts.get("format");
        String preallocation = parts.get("preallocation");
        return new DiskRequest(
                SizeText.parse(size, "the disk's size", parts.first() == null ? 1L << 30 : 0),
                format == null ? null : DiskRequest.format(format),
                parts.get("pool"),
                parts.get("path"),
                null,
                null,
                preallocation == null ? null : DiskRequest.preallocation(preallocation),
                null);
    }

    /** @param made the disk that is going to be made; null for one that is there */
    private static DeviceAddition addition(
            Suboptions parts,
            String text,
            @Nullable String path,
            @Nullable ExtraDisk made,
            DomainXml definition,
            Set<String> taken) {
        String device = parts.get("device") == null ? "disk" : String.valueOf(parts.oneOf("device", DEVICES));
        String volume = parts.get("volume");
        boolean isMedium = isMedium(parts);
        if (path == null && volume == null && !isMedium) {
            throw JvirtException.usage(
                    "--add-disk '" + text + "' names no disk",
                    "--add-disk FILE, or pool=POOL,volume=NAME; --add-disk 20G makes one");
        }
        String bus = parts.get("bus") == null
                ? device.equals("cdrom") ? "sata" : device.equals("floppy") ? "fdc" : "virtio"
                : String.valueOf(parts.oneOf("bus", BUSES));
        String target = parts.get("target") == null ? freeTarget(definition, bus, taken) : parts.get("target");
        taken.add(String.valueOf(target));
        boolean isBlock = made == null ? path != null && path.startsWith("/dev/") : made.isBlock();
        String format = made != null
                ? made.format().id()
                : parts.get("format") == null ? format(path, isBlock || isMedium) : parts.get("format");
        Disk disk = new Disk(XmlDocument.of("disk").root());
        disk.set(Disk.TYPE, volume != null ? "volume" : isBlock ? "block" : "file")
                .set(Disk.DEVICE, device)
                .set(Disk.DRIVER_NAME, "qemu")
                .set(Disk.FORMAT, format)
                .set(Disk.CACHE, driverValue(parts, "cache"))
                .set(Disk.DISCARD, driverValue(parts, "discard"))
                .set(Disk.IO, driverValue(parts, "io"))
                .set(isBlock ? Disk.SOURCE_BLOCK : Disk.SOURCE_FILE, path == null ? null : absolute(path))
                .set(Disk.SOURCE_POOL, made == null ? parts.get("pool") : null)
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
        return !device.equals("cdrom") && !device.equals("floppy") && canPlug(bus);
    }

    /** Whether a running machine can get and lose disks on that bus. */
    static boolean canPlug(String bus) {
        return List.of("virtio", "scsi", "usb").contains(bus);
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

    /** {@code TARGET}: only the machine loses it, the file stays; {@code TARGET,file=trash}: that goes into the trash. */
    public static Change remove(String text) {
        Suboptions parts = Suboptions.parse("--remove-disk", text, List.of("file"));
        String target = parts.first();
        if (target == null) {
            throw JvirtException.usage("--remove-disk '" + text + "' names no disk", "--remove-disk vdb[,file=trash]");
        }
        String file = parts.oneOf("file", List.of("keep", "trash"));
        boolean isTrashed = "trash".equals(file);
        DeviceRemoval removal = new DeviceRemoval(
                "disk " + target + " removed (its file " + (isTrashed ? "waits in the trash" : "stays") + ")",
                xml -> Devices.disk(xml, target).element());
        return isTrashed ? new DiskToTrash(removal, target) : removal;
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
