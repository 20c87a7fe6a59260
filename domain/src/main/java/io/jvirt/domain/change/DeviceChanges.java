// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.create.MacAddress;
import io.jvirt.domain.create.NetworkRequest;
import io.jvirt.domain.create.Suboptions;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Filesystem;
import io.jvirt.domain.xml.device.Hostdev;
import io.jvirt.domain.xml.device.Interface;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes of network cards, displays, shared directories and host devices, as they are written on a command line. */
public final class DeviceChanges {
    private static final Pattern PCI =
            Pattern.compile("pci:(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7])", Pattern.CASE_INSENSITIVE);
    private static final Pattern USB = Pattern.compile("usb:([0-9a-f]{4}):([0-9a-f]{4})", Pattern.CASE_INSENSITIVE);

    private DeviceChanges() {}

    /** {@code NAME}, {@code bridge=br0} or {@code user}, with {@code ,model=…,mac=…}. */
    public static Change addNetwork(String text) {
        NetworkRequest request = NetworkRequest.parse(text);
        Interface card = new Interface(XmlDocument.of("interface").root());
        connect(card, request);
        // Said here, or libvirt makes one up for the running machine and another for its next start.
        card.set(Interface.MAC, request.mac() == null ? MacAddress.random(MacAddress.LIBVIRT_PREFIX) : request.mac())
                .set(Interface.MODEL, request.model() == null ? "virtio" : request.model());
        return new DeviceAddition("new network card: " + text, card.toString(), true);
    }

    private static void connect(Interface card, NetworkRequest request) {
        card.element().elements("source").forEach(XmlElement::remove);
        switch (request.kind()) {
            case NETWORK -> card.set(Interface.TYPE, "network").set(Interface.SOURCE_NETWORK, request.source());
            case BRIDGE -> card.set(Interface.TYPE, "bridge").set(Interface.SOURCE_BRIDGE, request.source());
            case USER -> card.set(Interface.TYPE, "user");
        }
    }

    /**
     * By its MAC address or number.
     *
     * @param seen what the user sees, whose numbers they are
     */
    public static Change removeNetwork(String card, DomainXml seen) {
        String mac = Devices.macOf(seen, card);
        return new DeviceRemoval(
                "network card " + card + " removed",
                xml -> Devices.card(xml, mac).element());
    }

    /**
     * {@code MAC|NUMBER[,source=NAME|,bridge=BR][,model=…][,link=up|down]}.
     *
     * @param seen what the user sees, whose numbers they are
     */
    public static Change network(String text, DomainXml seen) {
        Suboptions parts = Suboptions.parse("--network", text, List.of("source", "bridge", "model", "link"));
        String card = parts.first();
        if (card == null || text.indexOf(',') < 0) {
            throw JvirtException.usage(
                    "--network '" + text + "' " + (card == null ? "names no card" : "says nothing to change"),
                    "--network 52:54:00:12:34:56,source=default; a card by its MAC address or its number from 1");
        }
        String bridge = parts.get("bridge");
        String source = parts.get("source");
        String link = parts.oneOf("link", List.of("up", "down"));
        String mac = Devices.macOf(seen, card);
        return new DeviceChange(
                "network card " + text.replaceFirst(",", ": "),
                xml -> Devices.card(xml, mac).element(),
                element -> {
                    Interface changed = new Interface(element);
                    String connection = bridge == null ? source : "bridge=" + bridge;
                    if (connection != null) {
                        connect(changed, NetworkRequest.parse(connection));
                    }
                    if (parts.get("model") != null) {
                        changed.set(Interface.MODEL, parts.get("model"));
                    }
                    if (link != null) {
                        changed.set(Interface.LINK, link);
                    }
                },
                parts.get("model") == null);
    }

    /**
     * {@code none}, or {@code vnc|spice[,listen=ADDRESS][,port=N][,password=TEXT]}: the only display from then on. One of
     * that type stays as it is where nothing is said.
     */
    public static Change graphics(String text) {
        Suboptions parts = Suboptions.parse("--graphics", text, List.of("listen", "port", "password"));
        String type = String.valueOf(parts.first());
        if (!List.of("none", "vnc", "spice").contains(type)) {
            throw JvirtException.usage("--graphics cannot be '" + type + "'", "it is none, vnc or spice");
        }
        String port = parts.get("port");
        if (port != null && !port.matches("\\d{4,5}")) {
            throw JvirtException.usage("the port '" + port + "' is none", "write a number such as 5901");
        }
        return new DisplayChange(
                text.replaceAll("password=[^,]*", "password=…"),
                type,
                parts.get("listen"),
                port == null ? null : Long.valueOf(port),
                parts.get("password"));
    }

    /**
     * {@code DIRECTORY,TAG[,readonly]}: the guest mounts it by its tag (9p); with {@code ,driver=virtiofs} by that, which
     * needs memory that the daemon shares with the guest.
     */
    public static Change addFilesystem(String text) {
        if (text.endsWith(",driver=virtiofs")) {
            return new VirtiofsAddition(text.substring(0, text.length() - ",driver=virtiofs".length()));
        }
        int comma = text.indexOf(',');
        if (comma <= 0 || comma == text.length() - 1) {
            throw JvirtException.usage(
                    "--add-filesystem '" + text + "' is not DIRECTORY,TAG", "--add-filesystem /srv/share,share");
        }
        boolean isReadOnly = text.endsWith(",readonly");
        String tag = text.substring(comma + 1).replace(",readonly", "");
        Filesystem shared = new Filesystem(XmlDocument.of("filesystem").root());
        shared.set(Filesystem.TYPE, "mount")
                .set(Filesystem.ACCESS_MODE, "mapped")
                .set(
                        Filesystem.SOURCE_DIR,
                        Path.of(text.substring(0, comma))
                                .toAbsolutePath()
                                .normalize()
                                .toString())
                .set(Filesystem.TARGET, tag)
                .set(Filesystem.READONLY, isReadOnly);
        return new DeviceAddition("shared directory " + text.replaceFirst(",", " as "), shared.toString(), false);
    }

    /** By its tag. */
    public static Change removeFilesystem(String tag) {
        return new DeviceRemoval("shared directory " + tag + " removed", xml -> {
            for (Filesystem shared : xml.devices(Filesystem.ELEMENT, Filesystem::new)) {
                if (tag.equals(shared.get(Filesystem.TARGET))) {
                    return shared.element();
                }
            }
            throw Devices.missing(
                    xml,
                    "shared directory",
                    tag,
                    xml.filesystems().stream()
                            .map(f -> f.get(Filesystem.TARGET, "?"))
                            .toList());
        });
    }

    /** {@code pci:0000:01:00.0} or {@code usb:1234:abcd} (vendor and product). */
    public static Change addHostDevice(String text) {
        return new DeviceAddition("host device " + text, hostDevice(text).toString(), true);
    }

    public static Change removeHostDevice(String text) {
        Hostdev wanted = hostDevice(text);
        return new DeviceRemoval("host device " + text + " removed", xml -> {
            for (Hostdev device : xml.hostdevs()) {
                if (isSame(device, wanted)) {
                    return device.element();
                }
            }
            throw Devices.missing(
                    xml,
                    "host device",
                    text,
                    xml.hostdevs().stream().map(Hostdev::name).toList());
        });
    }

    private static boolean isSame(Hostdev one, Hostdev other) {
        return one.name().equals(other.name());
    }

    private static Hostdev hostDevice(String text) {
        Hostdev device = new Hostdev(XmlDocument.of("hostdev").root());
        device.set(Hostdev.MODE, "subsystem");
        Matcher pci = PCI.matcher(text);
        Matcher usb = USB.matcher(text);
        if (pci.matches()) {
            device.set(Hostdev.TYPE, "pci")
                    .set(Hostdev.MANAGED, true)
                    .set(Hostdev.DOMAIN, "0x" + (pci.group(1) == null ? "0000" : pci.group(1)))
                    .set(Hostdev.BUS, "0x" + pci.group(2))
                    .set(Hostdev.SLOT, "0x" + pci.group(3))
                    .set(Hostdev.FUNCTION, "0x" + pci.group(4));
        } else if (usb.matches()) {
            device.set(Hostdev.TYPE, "usb")
                    .set(Hostdev.MANAGED, true)
                    .set(Hostdev.VENDOR, "0x" + usb.group(1))
                    .set(Hostdev.PRODUCT, "0x" + usb.group(2));
        } else {
            throw JvirtException.usage(
                    "'" + text + "' is no host device",
                    "write pci:0000:01:00.0 as lspci -D shows it, or usb:1234:abcd");
        }
        return device;
    }
}
