// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.metadata.StartLock;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a clone: the original's with another name, UUID, SMBIOS ids and MAC addresses, ports and paths that two
 * machines cannot share, and nothing else changed.
 */
final class CloneXml {
    /** libvirt puts the agent's sockets below it, a directory for each domain. */
    private static final String OWN_CHANNELS = "/qemu/channel/";

    private final String sourceName;
    private final String name;
    private final String uuid;
    private final DomainXml domain;
    private final List<String> notes;
    private final List<String> macs = new ArrayList<>();

    private CloneXml(String sourceXml, String name, String uuid, List<String> notes) {
        this.domain = DomainXml.parse(sourceXml);
        this.sourceName = domain.get(DomainXml.NAME, "");
        this.name = name;
        this.uuid = uuid;
        this.notes = notes;
    }

    /** A definition, and the addresses that its interfaces got. */
    record Result(DomainXml domain, List<String> macs) {}

    /** @param notes what the user should know of is added */
    static Result of(
            String sourceXml,
            String name,
            String uuid,
            MacAddresses addresses,
            boolean keepsMacPrefix,
            List<String> notes) {
        CloneXml clone = new CloneXml(sourceXml, name, uuid, notes);
        clone.identity();
        XmlElement devices = clone.domain.element().element("devices");
        if (devices != null) {
            for (XmlElement device : devices.elements()) {
                clone.device(device, addresses, keepsMacPrefix);
            }
        }
        return new Result(clone.domain, clone.macs);
    }

    private void identity() {
        domain.set(DomainXml.NAME, name).set(DomainXml.UUID, uuid);
        VmMetadata metadata = VmMetadata.in(domain);
        TemplateMark.remove(metadata);
        StartLock.remove(metadata);
        XmlElement generation = domain.element().element("genid");
        if (generation != null) {
            generation.text(UUID.randomUUID().toString());
        }
        for (XmlElement sysinfo : domain.element().elements("sysinfo")) {
            for (XmlElement block : sysinfo.elements()) {
                for (XmlElement entry : block.elements("entry")) {
                    String what = entry.attribute("name");
                    if ("uuid".equals(what) || "serial".equals(what)) {
                        entry.text(uuid);
                    }
                }
            }
        }
    }

    private void device(XmlElement device, MacAddresses addresses, boolean keepsMacPrefix) {
        switch (device.name()) {
            case "interface" -> networkInterface(device, addresses, keepsMacPrefix);
            case "graphics" -> graphics(device);
            case "serial", "parallel", "console", "channel" -> characterDevice(device);
            case "hostdev" -> hostDevice();
            case "filesystem" -> note("the shared directory of '" + sourceName + "' is also that of the clone");
            case "tpm" -> tpm(device);
            default -> {}
        }
    }

    private void hostDevice() {
        note("a device of the host is given to both '" + sourceName + "' and the clone: only one"
                + " of them can run at a time");
    }

    private void tpm(XmlElement device) {
        XmlElement backend = device.element("backend");
        if (backend == null || !"emulator".equals(backend.attribute("type"))) {
            hostDevice();
            return;
        }
        // Where it keeps its state; without it, libvirt takes a place that is called after the UUID.
        XmlElement source = backend.element("source");
        if (source != null) {
            source.remove();
        }
        note("the clone's TPM starts empty: what '" + sourceName + "' sealed with its own stays there");
    }

    private void networkInterface(XmlElement device, MacAddresses addresses, boolean keepsMacPrefix) {
        XmlElement mac = device.element("mac");
        String original = mac == null ? null : mac.attribute("address");
        String own = addresses.next(keepsMacPrefix ? original : null);
        (mac == null ? device.add("mac") : mac).attribute("address", own);
        macs.add(own);
        XmlElement target = device.element("target");
        if (target != null) {
            // The host's end: two machines cannot have one device; libvirt makes a new one.
            target.attribute("dev", null);
            if (target.isEmpty() && target.attribute("managed") == null) {
                target.remove();
            }
        }
    }

    private void graphics(XmlElement device) {
        String port = device.attribute("port");
        if (port != null && !port.equals("-1") && !"yes".equals(device.attribute("autoport"))) {
            note("the display port " + port + " stays with '" + sourceName + "'; the clone gets a free one");
            device.attribute("port", "-1").attribute("autoport", "yes");
        }
        for (String other : List.of("tlsPort", "websocket")) {
            if (device.attribute(other) != null) {
                device.attribute(other, "-1");
            }
        }
        String socket = device.attribute("socket");
        if (socket != null) {
            device.attribute("socket", ownPath(socket));
        }
        for (XmlElement listen : device.elements("listen")) {
            String path = listen.attribute("socket");
            if (path != null) {
                listen.attribute("socket", path.contains("/libvirt/qemu/") ? null : ownPath(path));
            }
        }
    }

    private void characterDevice(XmlElement device) {
        String type = String.valueOf(device.attribute("type"));
        device.attribute("tty", null);
        XmlElement log = device.element("log");
        String logFile = log == null ? null : log.attribute("file");
        if (log != null && logFile != null) {
            log.attribute("file", ownPath(logFile));
        }
        XmlElement source = device.element("source");
        if (source == null) {
            return;
        }
        boolean binds = "bind".equals(source.attribute("mode"));
        String path = source.attribute("path");
        if (type.equals("pty") || (binds && path != null && path.contains(OWN_CHANNELS))) {
            source.remove();
        } else if (path != null && (type.equals("file") || type.equals("pipe") || binds)) {
            source.attribute("path", ownPath(path));
        } else if (type.equals("tcp") && binds) {
            note("port " + source.attribute("service") + " of a " + device.name() + " device is that of '" + sourceName
                    + "' too: only one of them can run at a time");
        }
    }

    /** The path with the clone's name in the place of the original's, or before the file's name. */
    String ownPath(String path) {
        int slash = path.lastIndexOf('/') + 1;
        String file = path.substring(slash);
        String renamed = renamed(file, sourceName, name);
        return path.substring(0, slash) + (renamed == null ? name + "-" + file : renamed);
    }

    /** Null where the text does not hold the old name as a word. */
    static @Nullable String renamed(String text, String oldName, String newName) {
        Pattern word = Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(oldName) + "(?![A-Za-z0-9])");
        String replaced = word.matcher(text).replaceAll(Matcher.quoteReplacement(newName));
        return replaced.equals(text) ? null : replaced;
    }

    private void note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
    }
}
