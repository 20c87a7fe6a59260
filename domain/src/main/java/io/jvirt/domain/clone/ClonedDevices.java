// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a clone: what two machines cannot share is its own (addresses, ports, sockets, log files); what only one of them can
 * use at a time is left and noted.
 */
final class ClonedDevices {
    /** libvirt puts the agent's sockets below it, a directory for each domain. */
    private static final String OWN_CHANNELS = "/qemu/channel/";

    private final String sourceName;
    private final String name;
    private final MacAddresses addresses;
    private final boolean keepsMacPrefix;
    private final List<String> notes;
    private final List<String> macs = new ArrayList<>();

    /** @param notes what the user should know of is added */
    ClonedDevices(String sourceName, String name, MacAddresses addresses, boolean keepsMacPrefix, List<String> notes) {
        this.sourceName = sourceName;
        this.name = name;
        this.addresses = addresses;
        this.keepsMacPrefix = keepsMacPrefix;
        this.notes = notes;
    }

    /** The addresses that the interfaces got. */
    List<String> macs() {
        return macs;
    }

    void change(XmlElement device) {
        switch (device.name()) {
            case "interface" -> networkInterface(device);
            case "graphics" -> graphics(device);
            case "serial", "parallel", "console", "channel", "redirdev", "smartcard" ->
                characterDevice(device, device.name());
            case "rng" -> device.elements("backend").forEach(backend -> characterDevice(backend, "rng"));
            case "audio" -> ownPath(device, "path");
            case "vsock" -> vsock(device);
            case "memory" -> memory(device);
            case "hostdev" -> hostDevice();
            case "input" -> input(device);
            case "lease" -> onlyOne("a lease of '" + sourceName + "' is also that of the clone");
            case "filesystem" -> note("the shared directory of '" + sourceName + "' is also that of the clone");
            case "tpm" -> tpm(device);
            default -> {}
        }
    }

    private void hostDevice() {
        onlyOne("a device of the host is given to both '" + sourceName + "' and the clone");
    }

    private void input(XmlElement device) {
        String type = device.attribute("type");
        if ("passthrough".equals(type) || "evdev".equals(type)) {
            hostDevice();
        }
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

    /** A file that both would write to, and QEMU does not lock it; but for one that the guest may only read. */
    private void memory(XmlElement device) {
        XmlElement source = device.element("source");
        XmlElement path = source == null ? null : source.element("path");
        XmlElement target = device.element("target");
        if (path != null && (target == null || target.element("readonly") == null)) {
            throw JvirtException.refused(
                    "a memory device of domain '" + sourceName + "' keeps its data in "
                            + path.text().strip() + ", which both would write",
                    "clone it without that device, or with one that the guest only reads (<readonly/>): jvirt edit "
                            + ShellWord.quoted(sourceName));
        }
    }

    private void vsock(XmlElement device) {
        XmlElement cid = device.element("cid");
        String address = cid == null ? null : cid.attribute("address");
        if (cid != null && address != null && !"yes".equals(cid.attribute("auto"))) {
            cid.attribute("auto", "yes").attribute("address", null);
            note("the vsock address " + address + " stays with '" + sourceName + "'; the clone gets a free one");
        }
    }

    private void networkInterface(XmlElement device) {
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
        XmlElement port = device.element("virtualport");
        XmlElement parameters = port == null ? null : port.element("parameters");
        if (parameters != null) {
            // The switch knows a card by them; libvirt draws new ones.
            parameters.attribute("interfaceid", null).attribute("instanceid", null);
        }
        XmlElement backend = device.element("backend");
        if (backend != null) {
            ownPath(backend, "logFile");
        }
        interfaceSource(device);
    }

    private void interfaceSource(XmlElement device) {
        XmlElement source = device.element("source");
        switch (String.valueOf(device.attribute("type"))) {
            case "hostdev", "vdpa" -> hostDevice();
            case "server", "udp" -> onlyOne("the port of a network card of '" + sourceName + "' is also the clone's");
            case "vhostuser" -> {
                if (source != null && "server".equals(source.attribute("mode"))) {
                    ownPath(source, "path");
                } else {
                    onlyOne("the socket of a network card of '" + sourceName + "' is also the clone's");
                }
            }
            default -> {}
        }
        if (device.element("portForward") != null) {
            onlyOne("the ports that are forwarded to '" + sourceName + "' are forwarded to the clone too");
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
        ownPath(device, "socket");
        for (XmlElement listen : device.elements("listen")) {
            String path = listen.attribute("socket");
            if (path != null && path.contains("/libvirt/qemu/")) {
                listen.attribute("socket", null);
            } else {
                ownPath(listen, "socket");
            }
        }
    }

    private void characterDevice(XmlElement device, String what) {
        String type = String.valueOf(device.attribute("type"));
        device.attribute("tty", null);
        XmlElement log = device.element("log");
        if (log != null) {
            ownPath(log, "file");
        }
        if (type.equals("dev")) {
            hostDevice();
        }
        for (XmlElement source : device.elements("source")) {
            boolean binds = "bind".equals(source.attribute("mode"));
            String path = source.attribute("path");
            if (type.equals("pty") || (binds && path != null && path.contains(OWN_CHANNELS))) {
                source.remove();
            } else if (type.equals("file") || type.equals("pipe") || binds) {
                ownPath(source, "path");
            }
            if (binds && (type.equals("tcp") || type.equals("udp"))) {
                onlyOne("port " + source.attribute("service") + " of a " + what + " device is that of '" + sourceName
                        + "' too");
            }
        }
    }

    private void ownPath(XmlElement element, String attribute) {
        String path = element.attribute(attribute);
        if (path != null) {
            element.attribute(attribute, ownPath(path));
        }
    }

    /** The path with the clone's name in the place of the original's, or before the file's name. */
    private String ownPath(String path) {
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

    private void onlyOne(String what) {
        note(what + ": only one of them can run at a time");
    }

    void note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
    }
}
