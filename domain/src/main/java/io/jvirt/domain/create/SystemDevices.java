// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The devices that a guest's system has drivers for, the best of each sort; null where it is not known.
 *
 * @param bus of a disk
 * @param model of a network card
 * @param video adapter
 */
public record SystemDevices(
        @Nullable String bus,
        @Nullable String model,
        @Nullable String video) {

    public static final SystemDevices UNKNOWN = new SystemDevices(null, null, null);

    private static final String PCI = "http://pcisig.com/pci/";
    /** A chain of systems that are derived from each other is some 20 long; a database may be wrong. */
    private static final int MOST_SYSTEMS = 100;

    /** What libosinfo's database says of a system; unknown where it is not installed or does not have the system. */
    static SystemDevices of(@Nullable String osId) {
        return osId == null ? UNKNOWN : read(OsVariant.database(), osId);
    }

    static SystemDevices read(Path database, String osId) {
        Set<String> devices = new HashSet<>();
        Set<String> removed = new HashSet<>();
        if (!collect(database, osId, devices, removed, new HashSet<>())) {
            return UNKNOWN;
        }
        return new SystemDevices(bus(devices), model(devices), video(devices));
    }

    /** False where the system is not in the database. What a system says wins over what it derives from. */
    private static boolean collect(
            Path database, String osId, Set<String> devices, Set<String> removed, Set<String> seen) {
        Path file = file(database, osId);
        if (file == null || !Files.isRegularFile(file) || seen.size() > MOST_SYSTEMS || !seen.add(osId)) {
            return false;
        }
        XmlElement os;
        try {
            os = XmlDocument.parse(Files.readString(file)).root().element("os");
        } catch (IOException e) {
            return false;
        }
        if (os == null) {
            return false;
        }
        for (XmlElement list : os.elements("devices")) {
            for (XmlElement device : list.elements("device")) {
                String id = String.valueOf(device.attribute("id"));
                if ("false".equals(device.attribute("supported"))) {
                    removed.add(id);
                } else if (!removed.contains(id)) {
                    devices.add(id);
                }
            }
        }
        for (String relation : new String[] {"derives-from", "clones"}) {
            for (XmlElement other : os.elements(relation)) {
                boolean unused = collect(database, String.valueOf(other.attribute("id")), devices, removed, seen);
            }
        }
        return true;
    }

    /** libosinfo's rule: {@code http://debian.org/debian/12} is in {@code os/debian.org/debian-12.xml}. */
    private static @Nullable Path file(Path database, String osId) {
        String rest = osId.replaceFirst("^https?://", "");
        int slash = rest.indexOf('/');
        if (slash < 1 || rest.contains("..") || rest.indexOf('\0') >= 0) {
            return null;
        }
        return database.resolve(rest.substring(0, slash))
                .resolve(rest.substring(slash + 1).replace('/', '-') + ".xml");
    }

    private static boolean has(Set<String> devices, String... ids) {
        for (String id : ids) {
            if (devices.contains(PCI + id)) {
                return true;
            }
        }
        return false;
    }

    private static String bus(Set<String> devices) {
        return has(devices, "1af4/1001", "1af4/1042") ? "virtio" : "sata";
    }

    private static String model(Set<String> devices) {
        if (has(devices, "1af4/1000", "1af4/1041")) {
            return "virtio";
        }
        if (has(devices, "8086/10d3")) {
            return "e1000e";
        }
        if (has(devices, "8086/100e")) {
            return "e1000";
        }
        return has(devices, "10ec/8139") ? "rtl8139" : "e1000e";
    }

    private static @Nullable String video(Set<String> devices) {
        return has(devices, "1af4/1050") ? "virtio" : null;
    }

    /** Each of its devices where this one does not say. */
    SystemDevices or(SystemDevices other) {
        return new SystemDevices(
                bus == null ? other.bus : bus,
                model == null ? other.model : model,
                video == null ? other.video : video);
    }
}
