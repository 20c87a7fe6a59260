// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.domain.xml.device.Tpm;
import io.jvirt.domain.xml.device.Video;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine's definition as a template: what makes it this one machine (name, UUID, addresses, the host's machine type and
 * processor) is left out, and what a template cannot say is told.
 */
public final class TemplateText {
    private static final Set<String> EACH_MACHINE_HAS = Set.of(
            "emulator",
            "disk",
            "interface",
            "controller",
            "serial",
            "console",
            "channel",
            "input",
            "graphics",
            "video",
            "memballoon",
            "rng",
            "tpm",
            "audio",
            "sound",
            "watchdog");

    /**
     * A disk of the template.
     *
     * @param base the image that the machines' disks lie on, or null for an empty one
     */
    public record TemplateDisk(
            Disk disk, long sizeBytes, @Nullable String base) {}

    private final DomainXml domain;
    private final List<String> notes;
    private final Map<String, Object> settings = new LinkedHashMap<>();

    private TemplateText(DomainXml domain, List<String> notes) {
        this.domain = domain;
        this.notes = notes;
    }

    /**
     * The file's text.
     *
     * @param nvram the file with the firmware's variables, beside the template; or null
     * @param notes what the user should know of is added
     */
    public static String of(
            DomainXml domain,
            String description,
            List<TemplateDisk> disks,
            @Nullable String nvram,
            List<String> notes) {
        TemplateText text = new TemplateText(domain, notes);
        text.system(description, nvram);
        text.display();
        text.put("disks", disks.stream().map(TemplateText::disk).toList());
        text.put("networks", text.networks());
        if (disks.stream().anyMatch(d -> d.base() != null)) {
            text.put("reset-identity", true);
        }
        text.others();
        return TemplateYaml.text(text.settings);
    }

    private void put(String key, @Nullable Object value) {
        if (value != null) {
            settings.put(key, value);
        }
    }

    private void system(String description, @Nullable String nvram) {
        put("description", description);
        put("os", domain.get(DomainXml.OS_ID));
        put("memory", size(domain.get(DomainXml.MEMORY_BYTES, 0L)));
        put("vcpus", domain.get(DomainXml.VCPUS, 1L).intValue());
        if (domain.get(DomainXml.CPU_MODE, "").equals("host-passthrough")) {
            put("cpu", "host-passthrough");
        } else {
            put("cpu", domain.get(DomainXml.CPU_MODEL));
        }
        // A version of it is the host's: pc-i440fx-7.2.
        put("machine", domain.get(DomainXml.MACHINE, "").startsWith("pc-i440fx") ? "pc" : null);
        if (domain.get(DomainXml.FIRMWARE, "").equals("efi")
                || domain.get(DomainXml.LOADER_TYPE, "").equals("pflash")) {
            put("firmware", domain.get(DomainXml.LOADER_SECURE, false) ? "uefi-secure" : "uefi");
            put("nvram", nvram);
        }
        boolean hasTpm = domain.tpms().stream().anyMatch(t -> "emulator".equals(t.get(Tpm.BACKEND)));
        put("tpm", hasTpm ? "emulator" : null);
        put("clock", domain.get(DomainXml.CLOCK, "").equals("localtime") ? "localtime" : null);
        XmlElement features = domain.element().element("features");
        if (features != null && features.element("hyperv") != null) {
            put("hyperv", true);
        }
    }

    private void display() {
        for (Graphics graphics : domain.graphics()) {
            String type = graphics.get(Graphics.TYPE, "");
            if (type.equals("vnc") || type.equals("spice")) {
                put("graphics", type);
                put(
                        "video",
                        domain.videos().isEmpty()
                                ? null
                                : domain.videos().get(0).get(Video.MODEL));
                return;
            }
        }
    }

    private static Map<String, Object> disk(TemplateDisk of) {
        Map<String, Object> disk = new LinkedHashMap<>();
        disk.put("size", size(of.sizeBytes()));
        if (of.base() == null) {
            disk.put("format", of.disk().get(Disk.FORMAT, "raw"));
        }
        disk.put("bus", of.disk().get(Disk.BUS, "virtio"));
        String cache = of.disk().get(Disk.CACHE);
        if (cache != null) {
            disk.put("cache", cache);
        }
        if (of.base() != null) {
            disk.put("base", of.base());
        }
        return disk;
    }

    private List<Map<String, Object>> networks() {
        List<Map<String, Object>> cards = new ArrayList<>();
        for (Interface device : domain.interfaces()) {
            Map<String, Object> card = new LinkedHashMap<>();
            String type = device.get(Interface.TYPE, "");
            switch (type) {
                case "network" -> card.put("network", device.get(Interface.SOURCE_NETWORK, "default"));
                case "bridge" -> card.put("bridge", device.get(Interface.SOURCE_BRIDGE, ""));
                case "user" -> card.put("user", true);
                default -> {
                    notes.add("a network card of type " + type + " is left out: templates have networks, bridges and"
                            + " user networks");
                    continue;
                }
            }
            String model = device.get(Interface.MODEL);
            if (model != null) {
                card.put("model", model);
            }
            cards.add(card);
        }
        return cards;
    }

    private void others() {
        XmlElement devices = domain.element().element("devices");
        if (devices == null) {
            return;
        }
        for (XmlElement device : devices.elements()) {
            String note = "a " + device.name() + " device is left out: templates have none";
            if (!EACH_MACHINE_HAS.contains(device.name()) && !notes.contains(note)) {
                notes.add(note);
            }
        }
    }

    /** Exactly that size, in the largest unit that has no fraction. */
    static String size(long bytes) {
        String units = "BKMGT";
        int unit = 0;
        long number = bytes;
        while (number != 0 && number % 1024 == 0 && unit < units.length() - 1) {
            number /= 1024;
            unit++;
        }
        return number + units.substring(unit, unit + 1);
    }
}
