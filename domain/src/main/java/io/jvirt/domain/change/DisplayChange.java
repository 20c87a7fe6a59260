// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Video;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The machine's only display, or none. One of that type that is there keeps what is not said.
 *
 * @param text for people
 * @param type none, vnc or spice
 */
record DisplayChange(
        String text,
        String type,
        @Nullable String listen,
        @Nullable Long port,
        @Nullable String password) implements Change {
    @Override
    public String summary() {
        return "graphics: " + text;
    }

    @Override
    public void define(DomainXml definition) {
        Graphics kept = null;
        for (Graphics display : definition.graphics()) {
            if (kept == null && type.equals(display.get(Graphics.TYPE))) {
                kept = display;
            } else {
                display.remove();
            }
        }
        if (!type.equals("spice")) {
            removeWhatNeedsSpice(definition);
        }
        if (type.equals("none")) {
            return;
        }
        if (kept == null) {
            kept = definition.addDevice(Graphics.ELEMENT, Graphics::new);
            kept.set(Graphics.TYPE, type)
                    .set(Graphics.PORT, -1L)
                    .set(Graphics.AUTOPORT, true)
                    .set(Graphics.LISTEN, "127.0.0.1");
        }
        change(kept);
        if (definition.videos().isEmpty()) {
            definition.addDevice(Video.ELEMENT, Video::new).set(Video.MODEL, "vga");
        }
    }

    private void change(Graphics display) {
        if (port != null) {
            display.set(Graphics.PORT, port).set(Graphics.AUTOPORT, false);
        }
        if (listen != null) {
            display.element().elements("listen").forEach(XmlElement::remove);
            display.set(Graphics.SOCKET, null).set(Graphics.LISTEN, listen);
        }
        if (password != null) {
            display.set(Graphics.PASSWORD, password);
        }
    }

    /** Of a display that is there a running machine can change the password, and nothing else. */
    @Override
    public List<Step> live(Host host, DomainXml running) {
        if (password == null || listen != null || port != null) {
            return List.of();
        }
        // With the old password: undone, the display must not be open to everybody.
        List<Graphics> displays;
        try (Domain domain = host.findDomain(running.get(DomainXml.UUID, ""))) {
            displays = DomainXml.parse(domain.xml(false, true, false)).graphics();
        }
        if (displays.size() != 1 || !type.equals(displays.get(0).get(Graphics.TYPE))) {
            return List.of();
        }
        String before = displays.get(0).element().toString();
        change(displays.get(0));
        return List.of(
                Devices.update(running, summary(), displays.get(0).element().toString(), before));
    }

    /** A virtual machine's channels through a SPICE client, without which libvirt refuses them; its sound goes nowhere. */
    private static void removeWhatNeedsSpice(DomainXml definition) {
        XmlElement devices = definition.element().element("devices");
        if (devices == null) {
            return;
        }
        for (XmlElement device : devices.elements()) {
            String type = device.attribute("type");
            if ("spicevmc".equals(type) || "spiceport".equals(type)) {
                device.remove();
            } else if (device.name().equals("audio") && "spice".equals(type)) {
                device.attribute("type", "none");
                device.elements().forEach(XmlElement::remove);
            }
        }
    }
}
