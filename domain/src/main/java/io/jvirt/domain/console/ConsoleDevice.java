// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.Property;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.XmlView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A serial port, console or channel of a running domain.
 *
 * @param alias libvirt's name of the device
 * @param kind {@code serial}, {@code console}, {@code parallel} or {@code channel}
 * @param type where it goes on the host: {@code pty}, {@code unix}, {@code tcp}, {@code file}, …
 * @param target what the guest sees: {@code isa-serial}, {@code virtio}, or a channel's name
 * @param source the file, address or terminal on the host; empty where there is none
 */
public record ConsoleDevice(String alias, String kind, String type, String target, String source) {
    private static final Property<String> ALIAS = Property.text("alias/@name");
    private static final Property<String> TYPE = Property.text("@type");
    private static final Property<String> TARGET_TYPE = Property.text("target/@type");
    private static final Property<String> TARGET_NAME = Property.text("target/@name");
    private static final Property<String> SOURCE_PATH = Property.text("source/@path");
    private static final Property<String> SOURCE_HOST = Property.text("source/@host");
    private static final Property<String> SOURCE_SERVICE = Property.text("source/@service");

    private static final class View extends XmlView {
        View(XmlElement element) {
            super(element);
        }
    }

    /** All devices of a running domain that are streams of characters. */
    public static List<ConsoleDevice> of(Domain domain) {
        DomainXml xml = DomainXml.parse(domain.xml());
        List<ConsoleDevice> found = new ArrayList<>();
        for (String kind : List.of("serial", "console", "parallel", "channel")) {
            for (View view : xml.devices(kind, View::new)) {
                found.add(read(kind, view));
            }
        }
        return found;
    }

    private static ConsoleDevice read(String kind, View view) {
        String name = view.get(TARGET_NAME);
        String path = view.get(SOURCE_PATH);
        String service = view.get(SOURCE_SERVICE);
        return new ConsoleDevice(
                view.get(ALIAS, ""),
                kind,
                view.get(TYPE, ""),
                name == null ? view.get(TARGET_TYPE, "") : name,
                path != null ? path : service == null ? "" : view.get(SOURCE_HOST, "*") + ":" + service);
    }

    public boolean isChannel() {
        return kind.equals("channel");
    }

    /** libvirt carries these two only. */
    public boolean canOpen() {
        return type.equals("pty") || type.equals("unix");
    }

    /**
     * The device that a user means, or an error that says what there is instead.
     *
     * @param wanted its alias, or a channel's name; null for the first console
     * @return null where the driver has devices that its definition does not show
     */
    static @Nullable ConsoleDevice choose(String domain, List<ConsoleDevice> devices, @Nullable String wanted) {
        ConsoleDevice chosen = null;
        for (ConsoleDevice device : devices) {
            boolean isMeant = wanted == null
                    ? !device.isChannel() && !device.kind().equals("parallel")
                    : device.alias().equals(wanted)
                            || (device.isChannel() && device.target().equals(wanted));
            // The first <console> repeats the first serial port; its type is the one that counts.
            if (isMeant && chosen == null) {
                chosen = device;
            }
        }
        if (chosen == null) {
            if (wanted == null) {
                throw JvirtException.failed(
                        "domain '" + domain + "' has no serial console: nothing in its definition carries one",
                        "jvirt edit " + ShellWord.quoted(domain)
                                + ": <serial type='pty'/> among its <devices> makes one at its next start");
            }
            throw JvirtException.notFound(
                    "domain '" + domain + "' has no console or channel '" + wanted + "'",
                    "jvirt console " + ShellWord.quoted(domain) + " --list shows them");
        }
        if (!chosen.canOpen()) {
            throw JvirtException.failed(
                    "the " + chosen.kind() + " '" + chosen.alias() + "' of domain '" + domain + "' is of type "
                            + chosen.type() + ": libvirt does not carry it",
                    chosen.whereElse());
        }
        return chosen;
    }

    private String whereElse() {
        return switch (type) {
            case "file" -> "the guest writes it to a file: tail -f " + source;
            case "tcp" -> "it is a TCP socket: connect to " + source;
            case "stdio", "null", "vc" -> "<serial type='pty'> in its definition makes one that can be opened";
            default -> "see it in: virsh dumpxml";
        };
    }
}
